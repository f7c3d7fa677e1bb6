//! `defer!`: when deferred code runs, and what it borrows.

use goroutines::prelude::*;
use goroutines::sync::Mutex;
use std::cell::Cell;

#[goroutine]
#[test]
fn last_in_first_out_at_the_end_of_the_block() {
    let log = make!(chan i32, 8);
    {
        defer!(log.send(1));
        defer! {
            log.send(2);
            log.send(3)
        }
        log.send(0);
    }
    log.send(4);
    assert_eq!(log.try_iter().collect::<Vec<_>>(), [0, 2, 3, 1, 4]);
}

#[goroutine]
#[test]
fn each_turn_of_a_loop_has_its_own() {
    let log = make!(chan i32, 8);
    for i in 0..3 {
        defer!(log.send(i * 10));
        if i == 1 {
            continue;
        }
        log.send(i);
    }
    assert_eq!(log.try_iter().collect::<Vec<_>>(), [0, 0, 10, 2, 20]);
}

#[goroutine]
#[test]
fn after_the_result_is_known() {
    fn take(counter: &Cell<i32>) -> i32 {
        defer!(counter.set(counter.get() + 1));
        counter.get()
    }
    let counter = Cell::new(5);
    assert_eq!(take(&counter), 5);
    assert_eq!(counter.get(), 6);
}

#[goroutine]
#[test]
fn also_on_a_question_mark_and_a_panic() {
    fn fail(log: &Mutex<Vec<&str>>) -> Result<(), std::num::ParseIntError> {
        defer!(log.lock().push("deferred"));
        let _: i32 = "x".parse()?;
        log.lock().push("parsed");
        Ok(())
    }
    let log = Mutex::new(Vec::new());
    assert!(fail(&log).is_err());
    let panicked = recover(|| {
        defer!(log.lock().push("first"));
        defer!(log.lock().push("last"));
        panic!("stop");
    });
    assert_eq!(panicked.unwrap_err().message(), "stop");
    assert_eq!(*log.lock(), ["deferred", "last", "first"]);
}

#[goroutine]
#[test]
fn it_borrows_and_a_capture_list_owns() {
    let log = Mutex::new(Vec::new());
    let (tx, rx) = chan::channel(4);
    let mut name = "one".to_string();
    {
        // `tx` and `name` are clones; `log` is borrowed.
        defer!([tx, name], {
            log.lock().push(name);
            tx.send(1);
        });
        defer!([mut n = 2], {
            n += 1;
            log.lock().push(n.to_string());
        });
        drop(tx);
        name.push_str(" changed");
        assert!(log.lock().is_empty());
    }
    assert_eq!(*log.lock(), ["3", "one"]);
    assert_eq!(name, "one changed");
    assert_eq!(rx.recv(), Some(1));
    assert_eq!(rx.recv(), None, "the clone is gone");
}

#[goroutine]
#[test]
fn every_kind_of_code() {
    let n = Cell::new(0);
    {
        let add = |m: i32| n.set(n.get() + m);
        defer!(add(1));
        defer!(n.set(n.get() + 10));
        defer!(if n.get() == 0 {
            add(100);
        });
        defer!(for _ in 0..2 {
            add(1000);
        });
        defer!(assert_eq!(n.get(), 0));
        defer! {
            let m = n.get();
            add(m);
        }
        defer!(match n.get() {
            0 => {}
            _ => unreachable!(),
        });
    }
    assert_eq!(n.get(), 2011);
}
