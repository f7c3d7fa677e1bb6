//! What `join` says of a goroutine without a result, as an error among others.

use goroutines::prelude::*;
use goroutines::runtime::Goexit;
use goroutines::{JoinError, Panic};
use std::error::Error;
use std::fmt;

type Boxed = Box<dyn Error + Send + Sync>;

fn one_that_panics() -> Result<(), Boxed> {
    spawn(|| panic!("boom")).join()?;
    Ok(())
}

fn anyhow_that_panics() -> anyhow::Result<i32> {
    let n = std::hint::black_box(2);
    let value = scope(|s| s.spawn(|| -> i32 { panic!("boom {n}") }).join())?;
    Ok(value)
}

fn as_std_has_it() -> std::thread::Result<()> {
    spawn(|| std::panic::panic_any(7u8)).join()?;
    Ok(())
}

fn as_a_panic() -> Result<(), Panic> {
    spawn(|| panic!("boom")).join()?;
    Ok(())
}

#[goroutine]
#[test]
fn the_question_mark_takes_it() {
    let error = one_that_panics().unwrap_err();
    assert_eq!(error.to_string(), "goroutine panicked: boom");
    assert!(error.downcast_ref::<JoinError>().is_some());
    let error = anyhow_that_panics().unwrap_err();
    assert_eq!(error.to_string(), "goroutine panicked: boom 2");
    let error = error.downcast::<JoinError>().unwrap();
    assert_eq!(error.downcast_ref::<String>().unwrap(), "boom 2");
    assert_eq!(as_std_has_it().unwrap_err().downcast_ref(), Some(&7u8));
    assert_eq!(as_a_panic().unwrap_err().message(), "boom");
}

#[goroutine]
#[test]
fn a_recovered_panic_is_taken_too() {
    fn inner() -> anyhow::Result<()> {
        recover(|| panic!("boom"))?;
        Ok(())
    }
    let error = inner().unwrap_err();
    assert_eq!(error.downcast_ref::<Panic>().unwrap().message(), "boom");
}

#[derive(Debug)]
struct Lost;
impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lost")
    }
}
impl Error for Lost {}

#[goroutine]
#[test]
fn its_source_is_the_error_that_was_thrown() {
    let error = spawn(|| std::panic::panic_any(Boxed::from(Lost))).join();
    let error = error.unwrap_err();
    assert_eq!(error.to_string(), "goroutine panicked: lost");
    assert!(error.source().unwrap().is::<Lost>());
    assert!(error.downcast::<Boxed>().unwrap().is::<Lost>());
}

#[goroutine]
#[test]
fn who_ended_says_so() {
    let error = spawn(|| runtime::goexit()).join().unwrap_err();
    assert!(error.is::<Goexit>() && error.source().is_none());
    assert_eq!(error.to_string(), "goroutine exited");
    assert_eq!(format!("{error:?}"), "Goexit");
    // And passed on it ends the next one.
    let error = spawn(move || error.resume()).join();
    assert!(error.unwrap_err().is::<Goexit>());
    let error = spawn(|| panic!("again")).join().unwrap_err();
    let error = error.downcast::<u8>().unwrap_err();
    let error = spawn(move || error.resume()).join().unwrap_err();
    assert_eq!(*error.downcast::<&str>().unwrap(), "again");
}
