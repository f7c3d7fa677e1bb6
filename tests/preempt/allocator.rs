//! An allocator with one lock for all. A goroutine that is paused while it holds the lock must not keep the
//! runtime, which allocates too, from giving it its next turn. (Goroutines are paused on Linux.)
#![cfg(target_os = "linux")]

use goroutines::prelude::*;
use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// 0 = free, 1 = taken; sleeps on a futex, as an allocator's mutex does.
struct OneLock(AtomicU32);

impl OneLock {
    fn locked<R>(&self, f: impl FnOnce() -> R) -> R {
        while self.0.swap(1, Ordering::Acquire) != 0 {
            let _ = rustix::thread::futex::wait(
                &self.0,
                rustix::thread::futex::Flags::PRIVATE,
                1,
                None,
            );
        }
        // Long enough that a slice often ends in here.
        (0..300).for_each(|i| {
            black_box(i);
        });
        let r = f();
        self.0.store(0, Ordering::Release);
        let _ =
            rustix::thread::futex::wake(&self.0, rustix::thread::futex::Flags::PRIVATE, u32::MAX);
        r
    }
}

// SAFETY: the system's allocator, one caller at a time.
unsafe impl GlobalAlloc for OneLock {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: forwarded.
        self.locked(|| unsafe { System.alloc(layout) })
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: forwarded.
        self.locked(|| unsafe { System.dealloc(at, layout) });
    }
}

#[global_allocator]
static ALLOCATOR: OneLock = OneLock(AtomicU32::new(0));

#[test]
fn a_paused_holder_of_the_allocators_lock_gets_its_turn() {
    tests::at_procs(&[1, 2], || {
        let stop = Arc::new(AtomicBool::new(false));
        let turns: Arc<Vec<AtomicU64>> = Arc::new((0..8).map(|_| AtomicU64::new(0)).collect());
        let wg = sync::WaitGroup::new();
        for i in 0..turns.len() {
            let (stop, turns) = (stop.clone(), turns.clone());
            wg.go(move || allocate(&stop, &turns[i]));
        }
        for _ in 0..5 {
            let before: Vec<u64> = turns.iter().map(|t| t.load(Ordering::Relaxed)).collect();
            let gone_on = |i: usize| turns[i].load(Ordering::Relaxed) != before[i];
            while !(0..turns.len()).all(gone_on) {
                // The runtime allocates for others as well.
                go!(drop(Box::new([0u8; 100])));
                time::sleep(Duration::from_millis(1));
            }
        }
        stop.store(true, Ordering::Relaxed);
        wg.wait();
    });
}

fn allocate(stop: &AtomicBool, turns: &AtomicU64) {
    while !stop.load(Ordering::Relaxed) {
        black_box(vec![1u8; 1000]);
        turns.fetch_add(1, Ordering::Relaxed);
    }
}
