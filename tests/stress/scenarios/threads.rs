//! Ps and Ms that come and go.

use crate::cx::Cx;
use crate::watch::thread_count;
use goroutines::sync::WaitGroup;
use goroutines::{Chan, runtime, spawn};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The number of Ps changes all the time under a load of every kind.
pub(crate) fn gomaxprocs(cx: &Cx) {
    let old = runtime::gomaxprocs(0);
    let stop = Arc::new(AtomicBool::new(false));
    let changer = std::thread::spawn({
        let (stop, mut rng) = (stop.clone(), cx.rng(99));
        move || {
            while !stop.load(Ordering::Relaxed) {
                runtime::gomaxprocs(1 + rng.below(8));
                std::thread::sleep(Duration::from_micros(rng.below(300) as u64));
            }
        }
    });
    let wg = WaitGroup::new();
    let c = Chan::<usize>::new(1);
    let n = cx.times(3_000);
    for i in 0..8 {
        let (c, mut rng) = (c.clone(), cx.rng(i));
        wg.go(move || {
            for v in 0..n {
                c.send(v);
                match rng.below(200) {
                    0 => runtime::blocking(|| std::thread::sleep(Duration::from_micros(50))),
                    1 => tests::spin_for(Duration::from_micros(300)),
                    2 => runtime::gosched(),
                    3 => drop(spawn(runtime::gosched)),
                    _ => {}
                }
            }
        });
    }
    let total: usize = (0..8 * n).map(|_| c.recv().unwrap()).sum();
    assert_eq!(total, 8 * (n * (n - 1) / 2));
    wg.wait();
    stop.store(true, Ordering::Relaxed);
    changer.join().unwrap();
    runtime::gomaxprocs(old);
    assert_eq!(runtime::gomaxprocs(0), old);
}

/// Goroutines that are bound to their threads: they see the same thread-local for as long, nobody
/// else runs there, and one that ends while bound takes its thread along.
pub(crate) fn locked(cx: &Cx) {
    thread_local! { static OWNER: Cell<usize> = const { Cell::new(0) }; }
    // The closure is opaque: the address must not be kept over a suspension.
    #[inline(never)]
    fn owner() -> usize {
        OWNER.get()
    }
    #[inline(never)]
    fn own(i: usize) {
        OWNER.set(i);
    }
    let before = thread_count();
    let (wg, n) = (WaitGroup::new(), 12);
    let c = Chan::<usize>::new(0);
    for i in 1..=n {
        let c = c.clone();
        let rounds = cx.times(50);
        wg.go(move || {
            runtime::lock_os_thread();
            assert_eq!(owner(), 0, "the thread of another");
            own(i);
            for r in 0..rounds {
                c.send(r);
                assert_eq!(owner(), i);
                match r % 10 {
                    0 => runtime::gosched(),
                    1 => runtime::blocking(|| std::thread::sleep(Duration::from_micros(40))),
                    2 => {
                        // Nested: still bound after one of two is undone.
                        runtime::lock_os_thread();
                        runtime::gosched();
                        runtime::unlock_os_thread();
                        runtime::gosched();
                    }
                    3 => spawn(move || assert_ne!(owner(), i)).join().unwrap(),
                    _ => {}
                }
                assert_eq!(owner(), i);
            }
            if i % 2 == 0 {
                own(0);
                runtime::unlock_os_thread();
            }
        });
    }
    for _ in 0..n * cx.times(50) {
        c.recv().unwrap();
    }
    wg.wait();
    // Nobody meets what the bound ones have left behind: their threads are gone.
    let looks: Vec<_> = (0..100).map(|_| spawn(owner)).collect();
    for l in looks {
        assert_eq!(l.join().unwrap(), 0);
    }
    tests::eventually("threads of bound goroutines end", || {
        thread_count() <= before + n / 2 + 2 * runtime::gomaxprocs(0) + 4
    });
}
