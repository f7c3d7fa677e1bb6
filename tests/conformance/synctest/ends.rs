//! How a test in a bubble fails, and what is seen of it.

use goroutines::prelude::*;
use goroutines::testing::synctest;
use goroutines::time::{HOUR, SECOND};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use tests::panic_text;

/// TestDeadlockRoot, TestDeadlockChild, TestDeadlockTicker.
#[test]
fn deadlocks_are_reported() {
    let all = "deadlock: all goroutines in bubble are blocked";
    let rest = "deadlock: main bubble goroutine has exited but blocked goroutines remain";
    assert_eq!(panic_text(|| synctest::test(|| select! {})), all);
    let text = panic_text(|| {
        synctest::test(|| {
            let ch = make!(chan u32);
            go!([ch], ch.send(1));
            Chan::<u32>::nil().recv();
        })
    });
    assert_eq!(text, all);
    assert_eq!(
        panic_text(|| synctest::test(|| go!({
            select! {}
        }))),
        rest
    );
    let ran = Arc::new(AtomicBool::new(false));
    let ticked = ran.clone();
    let text = panic_text(move || {
        synctest::test(move || {
            go!({
                time::tick(SECOND).recv();
                ticked.store(true, SeqCst);
            });
        });
    });
    assert_eq!(text, rest);
    assert!(!ran.load(SeqCst), "time stands still");
}

#[test]
fn the_panic_of_the_test_is_the_callers() {
    assert_eq!(panic_text(|| synctest::test(|| panic!("mine"))), "mine");
    let text = panic_text(|| {
        synctest::test(|| {
            go!({
                select! {}
            });
            panic!("mine, though another one is blocked");
        })
    });
    assert_eq!(text, "mine, though another one is blocked");
    assert_eq!(
        panic_text(|| synctest::test(|| runtime::goexit())),
        "goroutine exited"
    );
}

#[test]
fn misuse_that_can_be_recovered() {
    assert_eq!(panic_text(synctest::wait), "goroutine is not in a bubble");
    let outside = spawn(|| panic_text(synctest::wait)).join().unwrap();
    assert_eq!(outside, "goroutine is not in a bubble");
    synctest::test(|| {
        assert_eq!(
            panic_text(|| synctest::test(|| ())),
            "synctest.Run called from within a synctest bubble"
        );
        let twice = || panic_text(synctest::wait);
        let texts = scope(|s| {
            let waiters = [
                s.spawn(|| goroutines::recover(twice)),
                s.spawn(|| goroutines::recover(twice)),
            ];
            waiters.map(|w| w.join().unwrap())
        });
        // One of them waits, sees no panic, and so panics by itself.
        let refused = texts.into_iter().filter_map(Result::ok).collect::<Vec<_>>();
        assert!(
            refused.iter().all(|t| t == "wait already in progress"),
            "{refused:?}"
        );
    });
}

/// Go's traceback header.
#[test]
fn dumps_name_the_bubble() {
    synctest::test(|| {
        let ch = make!(chan u8);
        go!([rx = ch.receiver()], rx.recv());
        go!({ time::sleep(HOUR) });
        synctest::wait();
        let all = runtime::stack_all();
        assert!(
            all.contains("[chan receive (durable), synctest bubble "),
            "{all}"
        );
        assert!(all.contains("[sleep (durable), synctest bubble "), "{all}");
        time::sleep(HOUR);
    });
}
