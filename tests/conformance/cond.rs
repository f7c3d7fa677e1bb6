//! After Go's `sync/cond_test.go`. `TestCondCopy` has no counterpart: a `Cond` cannot be copied.

use goroutines::sync::{Cond, Mutex};
use std::sync::mpsc;
use std::time::Duration;
use tests::{eventually, gang};

/// `TestCondSignal`: as many waiters run as were signalled, one at a time.
#[test]
fn signal_wakes_one() {
    let (waiting, c) = (Mutex::new(0), Cond::new());
    let (awake, woken) = mpsc::channel();
    const N: usize = 10;
    std::thread::scope(|s| {
        for _ in 0..N {
            let awake = awake.clone();
            let (waiting, c) = (&waiting, &c);
            s.spawn(move || {
                let mut n = waiting.lock();
                *n += 1;
                c.wait(&mut n);
                awake.send(()).unwrap();
            });
        }
        eventually("all wait", || *waiting.lock() == N);
        for _ in 0..N {
            assert!(woken.try_recv().is_err(), "somebody woke unsignalled");
            c.signal();
            woken.recv().unwrap();
        }
        c.signal();
    });
    assert!(woken.try_recv().is_err(), "more wake-ups than waiters");
}

/// `TestCondSignalGenerations`: waiters are served in the order in which they came.
#[test]
fn oldest_first() {
    let (order, c) = (Mutex::new(Vec::new()), Cond::new());
    const N: usize = 100;
    let (waits, waiting) = mpsc::channel();
    std::thread::scope(|s| {
        for i in 0..N {
            let waits = waits.clone();
            let (order, c) = (&order, &c);
            s.spawn(move || {
                let mut served = order.lock();
                waits.send(()).unwrap();
                c.wait(&mut served);
                served.push(i);
            });
            waiting.recv().unwrap();
        }
        for i in 0..N {
            c.signal();
            eventually("served", || order.lock().len() == i + 1);
        }
    });
    assert_eq!(order.into_inner(), (0..N).collect::<Vec<_>>());
}

/// `TestCondBroadcast`: all that wait run, round after round.
#[test]
fn broadcast_wakes_all() {
    const N: usize = 40;
    const ROUNDS: usize = 5;
    struct State {
        round: usize,
        waiting: usize,
    }
    let state = Mutex::new(State {
        round: 0,
        waiting: 0,
    });
    let c = Cond::new();
    gang(N + 1, |i| {
        for round in 1..=ROUNDS {
            if i == N {
                eventually("all wait", || state.lock().waiting == N);
                let mut s = state.lock();
                s.round = round;
                s.waiting = 0;
                c.broadcast();
            } else {
                let mut s = state.lock();
                s.waiting += 1;
                c.wait(&mut s);
                // Woken only by this round's broadcast: by nothing else, and only once.
                assert_eq!(s.round, round);
            }
        }
    });
}

/// `TestRace`: three pass a number along, 0 to 1 to 2 to 3, each waiting for the one before.
#[test]
fn passing_a_number_along() {
    for _ in 0..50 {
        let (x, c) = (Mutex::new(0), Cond::new());
        gang(3, |i| {
            let mut x = x.lock();
            match i {
                0 => {
                    *x = 1;
                    c.broadcast();
                    c.wait_while(&mut x, |x| *x != 2);
                    *x = 3;
                }
                1 => {
                    c.wait_while(&mut x, |x| *x != 1);
                    *x = 2;
                }
                _ => c.wait_while(&mut x, |x| *x != 3),
            }
            c.broadcast();
        });
        assert_eq!(x.into_inner(), 3);
    }
}

/// `TestCondSignalStealing`: a signal goes to the waiter that was there, not to one that comes just
/// then.
#[test]
fn a_newcomer_cannot_steal_a_signal() {
    for _ in 0..300 {
        let (state, c) = (Mutex::new(false), Cond::new());
        let (done, old_done) = mpsc::channel();
        std::thread::scope(|s| {
            let (state, c) = (&state, &c);
            let (here, old_here) = mpsc::channel();
            s.spawn(move || {
                let mut held = state.lock();
                here.send(()).unwrap();
                c.wait(&mut held);
                drop(held);
                done.send(()).unwrap();
            });
            old_here.recv().unwrap();
            // The old one holds its place now, for it had the lock until it took it.
            drop(state.lock());
            s.spawn(move || {
                let mut held = state.lock();
                while !*held {
                    c.wait(&mut held);
                }
            });
            c.signal();
            let served = old_done.recv_timeout(Duration::from_secs(10));
            *state.lock() = true;
            c.broadcast();
            served.expect("the old waiter lost its signal");
        });
    }
}
