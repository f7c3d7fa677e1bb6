//! What single things cost on this machine: the units in which a scheduler is paid.
//!
//! Mirrors the "latency numbers every programmer should know", for the few that matter here.

use goroutines::prelude::*;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Nanoseconds for one of `n` operations.
fn each(n: u32, operations: impl FnOnce(u32)) -> f64 {
    let start = time::now();
    operations(n);
    time::since(start).as_nanos() as f64 / f64::from(n)
}

fn atomic_add() -> f64 {
    let counter = AtomicU64::new(0);
    each(5_000_000, |n| {
        for _ in 0..n {
            black_box(&counter).fetch_add(1, Ordering::SeqCst);
        }
    })
}

fn lock_and_unlock() -> f64 {
    let counter = std::sync::Mutex::new(0_u64);
    each(5_000_000, |n| {
        for _ in 0..n {
            *black_box(&counter).lock().expect("nobody panics") += 1;
        }
    })
}

fn touch_a_new_page() -> f64 {
    const PAGE: usize = 4096;
    let mut fresh = vec![0_u8; 32 * 1024 * PAGE]; // zeroed memory is not touched before it is used
    each(32 * 1024, |_| {
        for page in fresh.chunks_mut(PAGE) {
            page[0] = black_box(1);
        }
    })
}

fn wake_a_thread() -> f64 {
    const ROUNDS: u32 = 20_000;
    let (to, there) = std::sync::mpsc::sync_channel(0);
    let (back, from) = std::sync::mpsc::sync_channel(0);
    let other = thread::spawn(move || there.iter().try_for_each(|()| back.send(())));
    let cost = each(2 * ROUNDS, |n| {
        for _ in 0..n / 2 {
            to.send(()).expect("the thread receives");
            from.recv().expect("the thread sends");
        }
    });
    drop(to);
    other
        .join()
        .expect("the thread ends")
        .expect("main receives");
    cost
}

fn switch_goroutines() -> f64 {
    const TURNS: u32 = 200_000;
    let wg = WaitGroup::new();
    for _ in 0..2 {
        wg.go(|| (0..TURNS).for_each(|_| runtime::gosched()));
    }
    each(2 * TURNS, |_| wg.wait())
}

fn start_a_goroutine() -> f64 {
    let wg = WaitGroup::new();
    each(200_000, |n| {
        for _ in 0..n / 100 {
            for _ in 0..100 {
                wg.add(1);
                go!([wg], wg.done());
            }
            wg.wait();
        }
    })
}

#[goroutine(procs = 1)]
fn main() {
    type Measure = fn() -> f64;
    let table: [(&str, Measure); 6] = [
        ("an atomic addition", atomic_add),
        ("lock and unlock a mutex", lock_and_unlock),
        ("switch to another goroutine", switch_goroutines),
        ("start and end a goroutine", start_a_goroutine),
        ("touch a new page of memory", touch_a_new_page),
        ("wake a thread", || runtime::blocking(wake_a_thread)),
    ];
    for (what, measure) in table {
        println!("{what}: {:.1} ns", measure());
    }
}
