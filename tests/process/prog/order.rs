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

/// In one round of a hundred at least: if a slice ends at the wrong moment, somebody else is faster.
fn starving_waiter() {
    let gate = Arc::new(RawMutex::new());
    let wg = WaitGroup::new();
    for _ in 0..100 {
        if starve(&gate, &wg) {
            runtime::gosched(); // it finds out, and has waited for too long
            HAS.store(false, SeqCst);
            gate.unlock(); // so now it is handed the lock, and the time slice
            let handed = HAS.load(SeqCst);
            wg.wait();
            if handed {
                return println!("the waiter had the lock first");
            }
        }
        wg.wait();
    }
    println!("we always went on");
}

/// The waiter has had the lock.
static HAS: AtomicBool = AtomicBool::new(false);

/// A waiter has waited for more than a millisecond. Did we get the lock before it?
fn starve(gate: &Arc<RawMutex>, wg: &WaitGroup) -> bool {
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
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(2) {
        std::hint::spin_loop();
    }
    gate.unlock(); // it is woken, ..
    gate.try_lock() // .. but we run, and are faster
}
