//! What is printed when a test fails whose body runs in goroutines: the message, once, by its own test.

use goroutines::prelude::*;
use goroutines::{recover, runtime, spawn};
use std::process::{Command, Output};

/// Set for a run in which [`failing`] fails.
const FAIL: &str = "EDGE_THREADS_FAIL";

fn shall_fail() -> bool {
    std::env::var_os(FAIL).is_some()
}

/// Tests that pass, unless [`FAIL`] is set: then each fails with a message that has its name in it.
mod failing {
    use super::*;

    #[goroutine]
    #[test]
    fn a_passes() {
        let c = make!(chan i32);
        go!([c], c.send(1));
        assert_eq!(c.recv(), Some(1));
    }

    #[goroutine]
    #[test]
    fn b_by_itself() {
        time::sleep(time::MILLISECOND);
        assert!(!shall_fail(), "message of b_by_itself");
    }

    #[test]
    fn c_in_run() {
        runtime::run(|| assert!(!shall_fail(), "message of c_in_run"));
    }

    #[goroutine]
    #[test]
    fn d_in_another_goroutine() {
        let other =
            spawn(|| spawn(|| assert!(!shall_fail(), "message of d_in_another_goroutine")).join());
        let ended = other.join().expect("that one joins only");
        // The message has been printed; this is another one.
        assert!(ended.is_ok(), "it has failed");
    }

    #[goroutine]
    #[test]
    fn e_after_a_panic_that_was_recovered() {
        if shall_fail() {
            assert!(recover(|| panic!("recovered in e")).is_err());
            goroutines::scope(|s| s.go(|| panic!("message of e_after_a_panic_that_was_recovered")));
        }
    }
}

/// A test in which somebody else panics: the process dies, and says of which test.
#[goroutine]
#[test]
fn dying() {
    match std::env::var("EDGE_THREADS_DIE").as_deref() {
        Ok("child") => go!(go!(panic!("message of the child"))),
        Ok("timer") => {
            time::after_func(time::MILLISECOND, || panic!("message of the timer"));
        }
        _ => return,
    }
    Chan::<()>::nil().recv();
}

/// The same in a test that is no goroutine itself.
#[test]
fn dying_beside_a_thread() {
    if std::env::var_os("EDGE_THREADS_DIE").is_some() {
        go!(go!(panic!("message of the child")));
        Chan::<()>::nil().recv();
    }
}

fn run(arguments: &[&str], (variable, value): (&str, &str)) -> Output {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(arguments).env(variable, value);
    command
        .env_remove("RUST_BACKTRACE")
        .env_remove("RUST_TEST_NOCAPTURE");
    command.output().expect("it starts")
}

/// The output of each failed test, as libtest shows it.
fn sections(out: &str) -> Vec<(&str, &str)> {
    let (_, sections) = out.split_once("failures:\n").expect("some have failed");
    let (sections, _) = sections
        .split_once("\nfailures:\n")
        .expect("and are listed");
    let parts = sections.split("---- ").skip(1);
    parts
        .map(|part| part.split_once(" stdout ----\n").expect("a heading"))
        .collect()
}

#[test]
fn a_failing_test_prints_its_message_as_its_own() {
    const FAILING: [&str; 4] = [
        "b_by_itself",
        "c_in_run",
        "d_in_another_goroutine",
        "e_after_a_panic_that_was_recovered",
    ];
    for threads in ["--test-threads=1", "--test-threads=4"] {
        for _ in 0..3 {
            let out = run(&["messages::failing::", threads], (FAIL, "1"));
            let [err, out] = [out.stderr, out.stdout].map(|b| String::from_utf8(b).expect("text"));
            assert_eq!(err, "", "{out}");
            let mut failed = sections(&out);
            failed.sort_unstable();
            for ((name, printed), expected) in failed.iter().zip(FAILING) {
                assert_eq!(*name, format!("messages::failing::{expected}"));
                let message = format!("message of {expected}\n");
                assert_eq!(printed.matches(&message).count(), 1, "{out}");
                assert_eq!(printed.matches("message of").count(), 1, "{out}");
                let heading = format!("thread '{name}' (");
                assert!(printed.contains(&heading), "{out}");
                let place = concat!("panicked at ", file!(), ":");
                assert!(printed.contains(place), "{out}");
            }
            assert_eq!(failed.len(), FAILING.len(), "{out}");
        }
    }
}

#[test]
fn a_child_that_dies_names_its_test() {
    for who in ["child", "timer"] {
        let out = run(&["--exact", "messages::dying"], ("EDGE_THREADS_DIE", who));
        assert_eq!(out.status.code(), Some(2), "{out:#?}");
        let err = String::from_utf8(out.stderr).expect("text");
        let report =
            format!("panic: message of the {who}\nin a goroutine of messages::dying\n\ngoroutine ");
        assert!(err.starts_with(&report), "{err}");
    }
}

#[test]
fn a_child_of_a_plain_test_names_it_too() {
    let test = "messages::dying_beside_a_thread";
    let arguments = ["--exact", test, "--test-threads=2"];
    let out = run(&arguments, ("EDGE_THREADS_DIE", "child"));
    assert_eq!(out.status.code(), Some(2), "{out:#?}");
    let err = String::from_utf8(out.stderr).expect("text");
    let head = format!("\npanic: message of the child\nin a goroutine of {test}\n\ngoroutine ");
    assert!(format!("\n{err}").contains(&head), "{err}");
}
