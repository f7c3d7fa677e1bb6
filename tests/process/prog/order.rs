//! Who runs when, with one P (the tests set GOMAXPROCS=1).

use crate::Command;
use goroutines::prelude::*;
use goroutines::sync::{Cond, Mutex, RawMutex};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

pub(crate) const COMMANDS: &[Command] = &[
    ("broadcast_order", broadcast_order),
    ("starving_waiter", starving_waiter),
    ("two_and_a_slice", two_and_a_slice),
    ("a_pair_and_main", a_pair_and_main),
    ("one_computes", one_computes),
];

fn broadcast_order() {
    let state = Arc::new((Mutex::new(0), Cond::new()));
    let wg = WaitGroup::new();
    for i in 0..6 {
        let waiter = state.clone();
        wg.go(move || {
            let mut waiting = waiter.0.lock();
            *waiting += 1;
            waiter.1.wait(&mut waiting);
            println!("{i}");
        });
        while *state.0.lock() <= i {
            runtime::gosched();
        }
    }
    state.1.broadcast();
    wg.wait();
}

fn starving_waiter() {
    let gate = Arc::new(RawMutex::new());
    let wg = WaitGroup::new();
    gate.lock();
    wg.go({
        let gate = gate.clone();
        move || {
            gate.lock();
            HAS.store(true, SeqCst);
            gate.unlock();
        }
    });
    runtime::gosched(); // the waiter queues up
    compute(Duration::from_millis(2));
    gate.unlock(); // it is woken, ..
    assert!(gate.try_lock(), "we run, and are faster");
    runtime::gosched(); // it finds out, and has waited for too long
    gate.unlock(); // so now it is handed the lock, and the time slice
    let handed = HAS.load(SeqCst);
    wg.wait();
    println!("handed over: {handed}");
}

/// The waiter has had the lock.
static HAS: AtomicBool = AtomicBool::new(false);

fn compute(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// It has more than a slice between its two `go`.
fn two_and_a_slice() {
    let wg = WaitGroup::new();
    wg.go(|| println!("first"));
    compute(Duration::from_millis(40));
    wg.go(|| println!("second"));
    wg.wait();
}

/// Two that wake each other for ever, and main, which gives way and wants to come back.
fn a_pair_and_main() {
    let (ping, pong) = (make!(chan u32), make!(chan u32));
    go!([ping, pong], {
        for v in &ping {
            pong.send(v);
        }
    });
    go!([ping, pong], {
        loop {
            ping.send(1);
            pong.recv();
        }
    });
    for _ in 0..3 {
        runtime::gosched();
    }
}

/// It starts another one and waits for it without ever giving way, when the other Ms sleep: there is a second P.
fn one_computes() {
    static RAN: AtomicBool = AtomicBool::new(false);
    for _ in 0..20 {
        time::sleep(5 * time::MILLISECOND);
        RAN.store(false, SeqCst);
        go!(RAN.store(true, SeqCst));
        while !RAN.load(SeqCst) {
            std::hint::spin_loop();
        }
    }
}
