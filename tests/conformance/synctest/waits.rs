//! Which waits are durable.

use goroutines::prelude::*;
use goroutines::sync::{Cond, Mutex};
use goroutines::testing::synctest;
use goroutines::time::{HOUR, MILLISECOND, SECOND, Timer};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

/// TestChannelFromOutsideBubble: usable, and its waits are not durable.
#[test]
fn channels_from_outside_hold_the_clock() {
    type Side = fn(Chan<u32>);
    let other = make!(chan u32);
    let mixed = move |ch: Chan<u32>| {
        select! {
            <-ch => {}
            <-other => {}
        }
    };
    let cases: [(Side, Side); 4] = [
        (
            |ch| ch.close(),
            |ch| assert!(ch.recv().is_none_or(|v| v == 0)),
        ),
        (
            |ch| ch.send(0),
            |ch| assert!(ch.recv().is_none_or(|v| v == 0)),
        ),
        (
            |ch| assert!(ch.recv().is_none_or(|v| v == 0)),
            |ch| ch.send(0),
        ),
        (
            |ch| ch.close(),
            |ch| {
                let own = make!(chan u32);
                select! {
                    <-ch => {}
                    <-own => {}
                }
            },
        ),
    ];
    let check = |outside: Side, inside: Box<dyn FnOnce(Chan<u32>) + Send>| {
        let ch = make!(chan u32);
        let theirs = ch.clone();
        time::after_func(MILLISECOND, move || outside(theirs.clone()));
        synctest::test(move || {
            let start = time::now();
            // Would be next if the wait were durable.
            let timer = Timer::new(HOUR);
            inside(ch);
            assert_eq!(time::now(), start);
            timer.stop();
        });
    };
    for (outside, inside) in cases {
        check(outside, Box::new(inside));
    }
    check(|ch| ch.close(), Box::new(mixed));
}

/// TestCond.
#[test]
fn cond_is_durable() {
    synctest::test(|| {
        let pair = Arc::new((Mutex::new(()), Cond::new()));
        let start = time::now();
        let theirs = pair.clone();
        go!({
            time::sleep(MILLISECOND);
            let guard = theirs.0.lock();
            theirs.1.signal();
            drop(guard);
            time::sleep(MILLISECOND);
            let _guard = theirs.0.lock();
            theirs.1.broadcast();
        });
        let wait = |pair: &(Mutex<()>, Cond)| pair.1.wait(&mut pair.0.lock());
        wait(&pair);
        assert_eq!(time::since(start), MILLISECOND);
        let done = Arc::new(AtomicBool::new(false));
        let (other, their_done) = (pair.clone(), done.clone());
        go!({
            other.1.wait(&mut other.0.lock());
            their_done.store(true, SeqCst);
        });
        wait(&pair);
        synctest::wait();
        assert!(done.load(SeqCst));
        assert_eq!(time::since(start), 2 * MILLISECOND);
    });
}

/// TestWaitGroupInBubble, TestWaitGroupMovedBetweenBubblesWithZeroCount, .. AfterWait.
#[test]
fn a_wait_group_of_the_bubble_is_durable() {
    let wg = WaitGroup::new();
    for _ in 0..2 {
        let wg = wg.clone();
        synctest::test(move || {
            let start = time::now();
            wg.add(1);
            go!([wg], {
                time::sleep(SECOND);
                wg.done();
            });
            wg.wait();
            assert_eq!(time::since(start), SECOND);
            wg.go(|| time::sleep(SECOND));
            wg.wait();
            assert_eq!(time::since(start), 2 * SECOND);
        });
    }
    wg.add(1);
    wg.done();
    wg.wait();
}

/// TestWaitGroupOutOfBubble.
#[test]
fn a_wait_group_from_outside_is_not_durable() {
    let wg = WaitGroup::new();
    wg.add(1);
    let inside = wg.clone();
    let test = spawn(move || {
        synctest::test(move || {
            let start = time::now();
            let timer = Timer::new(HOUR);
            inside.wait();
            assert_eq!(time::now(), start, "the clock did not move");
            timer.stop();
        });
    });
    tests::eventually("it waits", || {
        runtime::stack_all().contains("[sync.WaitGroup.Wait, synctest bubble")
    });
    assert!(!test.is_finished());
    wg.done();
    test.join().unwrap();
}

/// A goroutine that waits for a lock may be let go by somebody outside; so the clock does not move.
#[test]
fn a_mutex_is_not_durable() {
    let lock = Arc::new(Mutex::new(()));
    let guard = lock.lock();
    let inside = lock.clone();
    let test = spawn(move || {
        synctest::test(move || {
            let start = time::now();
            let timer = Timer::new(HOUR);
            drop(inside.lock());
            assert_eq!(time::now(), start);
            timer.stop();
        });
    });
    tests::eventually("it waits", || {
        runtime::stack_all().contains("[sync.Mutex.Lock, synctest bubble")
    });
    drop(guard);
    test.join().unwrap();
}

/// Ours: results and scopes.
#[test]
fn joins_and_scopes_are_durable() {
    synctest::test(|| {
        let start = time::now();
        let h = spawn(|| time::sleep(SECOND));
        h.join().unwrap();
        scope(|s| {
            s.go(|| time::sleep(SECOND));
            s.go(|| time::sleep(2 * SECOND));
        });
        runtime::run(|| time::sleep(SECOND));
        assert_eq!(time::since(start), 4 * SECOND);
    });
}

/// A connection in memory, with deadlines on the bubble's clock.
#[test]
fn pipes_are_a_network() {
    use std::io::{Read, Write};
    synctest::test(|| {
        let (mut a, mut b) = goroutines::net::pipe();
        let start = time::now();
        go!({
            time::sleep(SECOND);
            a.write_all(b"ping").unwrap();
            time::sleep(HOUR);
        });
        let mut buf = [0; 4];
        b.read_exact(&mut buf).unwrap();
        assert_eq!((&buf, time::since(start)), (b"ping", SECOND));
        b.set_read_deadline(time::now() + SECOND).unwrap();
        let late = b.read(&mut buf).unwrap_err();
        assert_eq!(late.to_string(), "i/o timeout");
        assert_eq!(time::since(start), 2 * SECOND);
        time::sleep(HOUR); // the other end closes when it is dropped
    });
}
