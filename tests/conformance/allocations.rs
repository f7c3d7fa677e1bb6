//! What must not allocate does not: counted on the test's own thread.

use goroutines::context::{background, with_cancel, with_value};
use goroutines::sync::{Cond, Map, Mutex, Once, Pool, RWMutex, Semaphore, WaitGroup};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! { static COUNT: Cell<usize> = const { Cell::new(0) }; }

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = COUNT.try_with(|n| n.set(n.get() + 1));
        // SAFETY: forwarded.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: forwarded.
        unsafe { System.dealloc(at, layout) }
    }
}

/// Calls `f` once, so that what is made on first use is there, and then counts what a hundred calls
/// allocate.
fn allocations(mut f: impl FnMut()) -> usize {
    f();
    let before = COUNT.get();
    (0..100).for_each(|_| f());
    COUNT.get() - before
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(1)))), 100);
}

#[test]
fn locks_that_nobody_holds() {
    let (m, rw, once, cond) = (Mutex::new(0), RWMutex::new(0), Once::new(), Cond::new());
    let (wg, sem) = (WaitGroup::new(), Semaphore::new(2));
    let ctx = with_cancel(&background()).0;
    let n = allocations(|| {
        *m.lock() += 1;
        *rw.write() += 1;
        drop((rw.read(), m.try_lock()));
        once.do_(|| ());
        cond.signal();
        cond.broadcast();
        wg.add(1);
        wg.done();
        wg.wait();
        drop(sem.permit(&ctx, 2).unwrap());
    });
    assert_eq!(n, 0);
}

#[test]
fn looking_at_a_context() {
    let (ctx, _keep) = with_cancel(&background());
    let ctx = with_value(&ctx, "key", 1);
    let n = allocations(|| {
        assert!(ctx.err().is_none() && ctx.deadline().is_none());
        assert!(!ctx.done().is_closed());
        assert_eq!(ctx.value::<i32>(&"key"), Some(&1));
        drop(ctx.clone());
    });
    assert_eq!(n, 0);
}

#[test]
fn using_pools_and_maps() {
    let (pool, map) = (Pool::new(|| 0), Map::new());
    map.store("key", 1);
    let n = allocations(|| {
        let (a, b) = (pool.get(), pool.get());
        pool.put(a);
        pool.put(b);
        assert_eq!(map.load("key"), Some(1));
        map.store("key", 1);
    });
    assert_eq!(n, 0);
}
