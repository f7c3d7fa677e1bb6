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

fn starving_waiter() {
    let gate = Arc::new(RawMutex::new());
    let wg = WaitGroup::new();
    // Again, if our slice has ended just there: then we are not faster.
    while !starve(&gate, &wg) {
        wg.wait();
    }
    println!("we have the lock again");
    runtime::gosched(); // it finds out, and has waited for too long
    STARVES.store(true, SeqCst);
    gate.unlock(); // so now it is handed the lock, and the time slice
    println!("we go on");
    wg.wait();
}

/// It is the last round, whose waiter speaks.
static STARVES: AtomicBool = AtomicBool::new(false);

/// A waiter has waited for more than a millisecond. Did we get the lock before it?
fn starve(gate: &Arc<RawMutex>, wg: &WaitGroup) -> bool {
    gate.lock();
    wg.go({
        let gate = gate.clone();
        move || {
            gate.lock();
            if STARVES.load(SeqCst) {
                println!("the waiter has the lock");
            }
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
