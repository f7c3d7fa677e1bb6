//! Blocking code, bracketed and not: the P leaves its M and comes back.

use crate::cx::Cx;
use goroutines::sync::WaitGroup;
use goroutines::{Chan, runtime};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Short and long bracketed calls among goroutines that only hand values on.
pub(crate) fn brackets(cx: &Cx) {
    let wg = WaitGroup::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let n = cx.times(100);
    for i in 0..16 {
        let mut rng = cx.rng(i);
        let calls = calls.clone();
        wg.go(move || {
            for _ in 0..n {
                let us = [0, 0, 5, 30, 200][rng.below(5)];
                runtime::blocking(|| {
                    std::thread::sleep(Duration::from_micros(us));
                    // Nested brackets are one.
                    runtime::blocking(|| calls.fetch_add(1, Ordering::Relaxed));
                });
                if rng.below(3) == 0 {
                    runtime::gosched();
                }
            }
        });
    }
    let (tx, rx) = goroutines::chan::channel(0);
    wg.go(move || (0..n * 10).for_each(|v| tx.send(v)));
    assert_eq!(rx.iter().count(), n * 10);
    wg.wait();
    assert_eq!(calls.load(Ordering::Relaxed), 16 * n);
}

/// Calls that block without saying so. The others go on meanwhile: a goroutine blocks in a plain
/// system call until another one, which needs a P, has let it go.
pub(crate) fn unbracketed(cx: &Cx) {
    for _ in 0..cx.times(4) {
        let wg = WaitGroup::new();
        for _ in 0..6 {
            let (tx, rx) = std::sync::mpsc::channel::<()>();
            wg.go(move || rx.recv().unwrap());
            wg.go(move || tx.send(()).unwrap());
        }
        wg.wait();
    }
}

/// More of them than there may be hogs, all at once: neither they nor hogs that give way keep the
/// others from running.
pub(crate) fn many_unbracketed(cx: &Cx) {
    let n = 80 * cx.times(1);
    let wg = WaitGroup::new();
    let (release, held) = std::sync::mpsc::channel::<()>();
    let held = Arc::new(std::sync::Mutex::new(held));
    for _ in 0..n {
        let held = held.clone();
        wg.go(move || {
            let _ = held.lock().unwrap().recv();
        });
    }
    // All of them block by and by; a goroutine that spins and gives way shares a P with us.
    let stop = Arc::new(AtomicBool::new(false));
    wg.go({
        let stop = stop.clone();
        move || spin_politely(&stop)
    });
    let echo = Chan::<usize>::new(0);
    wg.go({
        let echo = echo.clone();
        move || (0..50).for_each(|v| echo.send(v))
    });
    (0..50).for_each(|v| assert_eq!(echo.recv(), Some(v)));
    stop.store(true, Ordering::Relaxed);
    drop(release);
    wg.wait();
}

#[goroutines::goroutine]
fn spin_politely(stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        std::hint::spin_loop();
    }
}

/// Ps are taken from Ms that at the same time give them up and get them back. What hangs on a P
/// must have one owner at a time: free stacks (every goroutine writes and reads back its own),
/// queues (each goroutine runs once).
pub(crate) fn hand_off(cx: &Cx) {
    let n = cx.times(40);
    let runs = Arc::new(AtomicUsize::new(0));
    let wg = WaitGroup::new();
    for i in 0..12 {
        let mut rng = cx.rng(i);
        let (runs, all) = (runs.clone(), wg.clone());
        wg.go(move || {
            for _ in 0..n {
                match rng.below(4) {
                    // A bracket just about as long as sysmon's patience.
                    0 => runtime::blocking(|| spin(Duration::from_micros(30))),
                    // Long enough that the P is taken while it runs, with calls in between.
                    1 => (0..40).for_each(|_| {
                        spin(Duration::from_micros(400));
                        start(&all, &runs);
                    }),
                    2 => runtime::checkpoint(),
                    _ => runtime::gosched(),
                }
                start(&all, &runs);
            }
            runs.fetch_add(1, Ordering::Relaxed);
        });
    }
    wg.wait();
    assert!(runs.load(Ordering::Relaxed) >= 12 * (n + 1));
}

/// Starts a goroutine that checks that its stack is its own; it runs once, if ever counted twice.
fn start(all: &WaitGroup, runs: &Arc<AtomicUsize>) {
    let runs = runs.clone();
    let once = AtomicBool::new(false);
    all.go(move || {
        let me = runtime::goid() as usize;
        let page = [me; 256];
        runtime::gosched();
        assert!(std::hint::black_box(&page).iter().all(|&x| x == me));
        assert!(!once.swap(true, Ordering::Relaxed));
        runs.fetch_add(1, Ordering::Relaxed);
    });
}

fn spin(d: Duration) {
    tests::spin_for(d);
}
