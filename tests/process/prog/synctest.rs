//! Using what belongs to a bubble from outside of it.

use crate::Command;
use goroutines::prelude::*;
use goroutines::sync::{Cond, Mutex};
use goroutines::testing::synctest;
use goroutines::time::{HOUR, Timer};
use std::sync::Arc;

pub(crate) const COMMANDS: &[Command] = &[
    ("bubble_send", || stolen(|| make!(chan u8, 1)).send(1)),
    ("bubble_try_send", || {
        let _ = stolen(|| make!(chan u8)).try_send(1);
    }),
    ("bubble_recv", || {
        stolen(|| make!(chan u8)).recv();
    }),
    ("bubble_recv_of_another", || {
        let ch = stolen(|| make!(chan u8, 1));
        synctest::test(move || ch.recv());
    }),
    ("bubble_close", || stolen(|| make!(chan u8)).close()),
    ("bubble_select", || {
        let (ch, own) = (stolen(|| make!(chan u8)), make!(chan u8, 1));
        own.send(1);
        select! {
            <-own => {}
            <-ch => {}
        }
    }),
    ("bubble_select_default", || {
        let ch = stolen(|| make!(chan u8));
        select! {
            <-ch => {}
            default => {}
        }
    }),
    ("bubble_timer_recv", || {
        stolen(|| Timer::new(HOUR)).c().recv();
    }),
    ("bubble_timer_stop", || {
        stolen(|| Timer::new(HOUR)).stop();
    }),
    ("bubble_timer_reset", || {
        stolen(|| time::after_func(HOUR, || ())).reset(HOUR);
    }),
    ("bubble_group_into", || {
        let wg = WaitGroup::new();
        wg.add(1);
        synctest::test(move || wg.add(1));
    }),
    ("bubble_group_out_of", || {
        let wg = WaitGroup::new();
        let inside = wg.clone();
        synctest::test(move || inside.add(1));
        wg.add(1);
    }),
    ("bubble_group_between", || {
        let wg = WaitGroup::new();
        for _ in 0..2 {
            let wg = wg.clone();
            synctest::test(move || wg.add(1));
        }
    }),
    ("bubble_cond", || {
        let pair = Arc::new((Mutex::new(false), Cond::new()));
        let inside = pair.clone();
        // A wait that is not durable keeps the bubble alive until the other is woken from outside.
        let (hold, held) = (make!(chan u8), make!(chan u8));
        let theirs = held.clone();
        go!([hold], {
            synctest::test(move || {
                go!({ inside.1.wait(&mut inside.0.lock()) });
                synctest::wait();
                theirs.send(1);
                hold.recv();
            });
        });
        held.recv();
        pair.1.signal();
    }),
    ("explore_panic", || {
        goroutines::testing::explore(10, || {
            let h = spawn(|| ());
            go!({ panic!("in another goroutine") });
            h.join().unwrap();
            time::sleep(HOUR);
        });
    }),
    ("bubble_last_handle", || {
        // Letting go is no use.
        drop(stolen(|| make!(chan u8)));
        drop(stolen(|| Timer::new(HOUR)));
    }),
];

/// Something made in a bubble, which is over.
fn stolen<T: Send + 'static>(make: fn() -> T) -> T {
    synctest::test(make)
}
