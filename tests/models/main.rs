//! The locks of `sync` under a model checker.
//!
//! The very files of the runtime are compiled here a second time, with `rt.rs` replaced: atomics,
//! the lock byte and the doors of the scheduler are [shuttle](https://docs.rs/shuttle)'s, which runs
//! a test under thousands of random schedules, fails if a schedule ends with everybody asleep, and
//! prints how to replay it. The clock jumps at random, so starvation mode happens often.

// A library has more than its tests use.
#[allow(dead_code, unreachable_pub)]
mod sync {
    #[path = "../../../runtime/src/sync/cond.rs"]
    mod cond;
    #[path = "../../../runtime/src/sync/list.rs"]
    mod list;
    #[path = "../../../runtime/src/sync/mutex.rs"]
    mod mutex;
    #[path = "../../../runtime/src/sync/once.rs"]
    mod once;
    #[path = "../../../runtime/src/sync/queue.rs"]
    mod queue;
    #[path = "../../../runtime/src/sync/raw_mutex.rs"]
    mod raw_mutex;
    #[path = "../../../runtime/src/sync/raw_rwmutex.rs"]
    mod raw_rwmutex;
    pub(crate) mod rt;
    #[path = "../../../runtime/src/sync/rwmutex.rs"]
    mod rwmutex;
    #[path = "../../../runtime/src/sync/sema.rs"]
    mod sema;
    #[path = "../../../runtime/src/sync/semaphore.rs"]
    mod semaphore;
    #[path = "../../../runtime/src/sync/waitgroup.rs"]
    mod waitgroup;

    pub use cond::Cond;
    pub use mutex::{Mutex, MutexGuard};
    pub use once::Once;
    pub use raw_mutex::RawMutex;
    pub use raw_rwmutex::RawRWMutex;
    pub use rwmutex::RWMutex;
    pub use semaphore::Semaphore;
    pub use waitgroup::WaitGroup;
}

mod chan;

/// What `Semaphore` asks of `select!`.
macro_rules! select {
    (<-$ready:ident => {} <-$ctx:ident.done() => {}) => {
        crate::chan::first_of(&$ready, &$ctx.done())
    };
}
use select;

/// A context as far as `Semaphore` looks at it: it is cancelled, or not.
mod context {
    use crate::chan::{Chan, Receiver};

    pub(crate) struct Context(Chan<()>);

    #[derive(Debug, PartialEq)]
    pub(crate) enum ContextError {
        Canceled,
    }

    impl Context {
        pub(crate) fn new() -> Self {
            Context(Chan::new(0))
        }

        pub(crate) fn cancel(&self) {
            self.0.close();
        }

        pub(crate) fn done(&self) -> Receiver<()> {
            self.0.receiver()
        }

        pub(crate) fn err(&self) -> Option<ContextError> {
            self.0.is_closed().then_some(ContextError::Canceled)
        }
    }
}

use context::Context;
use shuttle::thread;
use std::cell::UnsafeCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use sync::{Cond, Mutex, Once, RWMutex, RawMutex, RawRWMutex, Semaphore, WaitGroup};

/// Schedules tried for each test.
const SCHEDULES: usize = 3000;

/// Runs `n` threads with `f(i)` to their ends, under many schedules; `setup` makes what they share.
fn threads<S: Send + Sync + 'static>(
    n: usize,
    setup: impl Fn() -> S + Send + Sync + 'static,
    f: impl Fn(usize, &S) + Send + Sync + Copy + 'static,
    end: impl Fn(&S) + Send + Sync + 'static,
) {
    shuttle::check_random(
        move || {
            let shared = Arc::new(setup());
            let threads: Vec<_> = (0..n)
                .map(|i| {
                    let shared = shared.clone();
                    thread::spawn(move || f(i, &shared))
                })
                .collect();
            for t in threads {
                t.join().unwrap();
            }
            end(&shared);
        },
        SCHEDULES,
    );
}

/// Counts who is inside; panics when that is forbidden.
#[derive(Default)]
struct Room(AtomicUsize);

impl Room {
    const WRITER: usize = 100;

    fn alone(&self) {
        assert_eq!(self.0.fetch_add(Self::WRITER, Ordering::SeqCst), 0);
        thread::yield_now();
        self.0.fetch_sub(Self::WRITER, Ordering::SeqCst);
    }

    fn together(&self) {
        assert!(self.0.fetch_add(1, Ordering::SeqCst) < Self::WRITER);
        thread::yield_now();
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn mutex_excludes_and_loses_no_waiter() {
    threads(
        3,
        || (RawMutex::new(), Room::default()),
        |_, (m, room)| {
            for _ in 0..3 {
                m.lock();
                room.alone();
                m.unlock();
            }
        },
        |(m, _)| assert!(m.try_lock(), "still locked"),
    );
}

#[test]
fn mutex_try_lock_never_lets_two_in() {
    threads(
        3,
        || (RawMutex::new(), Room::default()),
        |i, (m, room)| {
            for _ in 0..3 {
                if i == 0 {
                    m.lock();
                } else if !m.try_lock() {
                    continue;
                }
                room.alone();
                m.unlock();
            }
        },
        |(m, _)| assert!(m.try_lock(), "still locked"),
    );
}

#[test]
fn rwmutex_excludes_and_loses_no_waiter() {
    threads(
        4,
        || (RawRWMutex::new(), Room::default()),
        |i, (m, room)| {
            for _ in 0..2 {
                if i < 2 {
                    m.rlock();
                    room.together();
                    m.runlock();
                } else {
                    m.lock();
                    room.alone();
                    m.unlock();
                }
            }
        },
        |(m, _)| assert!(m.try_lock(), "still locked"),
    );
}

#[test]
fn rwmutex_try_forms_never_let_a_wrong_one_in() {
    threads(
        3,
        || (RWMutex::new(()), Room::default()),
        |i, (m, room)| match i {
            0 => {
                let _writing = m.write();
                room.alone();
            }
            1 => {
                if let Some(_writing) = m.try_write() {
                    room.alone();
                }
            }
            _ => {
                for _ in 0..2 {
                    if let Some(_reading) = m.try_read() {
                        room.together();
                    }
                }
            }
        },
        |(m, _)| assert!(m.try_write().is_some(), "still locked"),
    );
}

#[test]
fn cond_signals_are_not_lost() {
    // Two items for two takers; each signal must reach a taker that waits.
    threads(
        3,
        || (Mutex::new(0), Cond::new()),
        |i, (items, added)| {
            let mut items = items.lock();
            if i == 0 {
                for _ in 0..2 {
                    *items += 1;
                    added.signal();
                }
            } else {
                added.wait_while(&mut items, |items| *items == 0);
                *items -= 1;
            }
        },
        |(items, _)| assert_eq!(*items.lock(), 0),
    );
}

#[test]
fn cond_broadcast_reaches_all() {
    threads(
        4,
        || (Mutex::new(false), Cond::new()),
        |i, (open, opened)| {
            if i == 0 {
                *open.lock() = true;
                opened.broadcast();
            } else {
                opened.wait_while(&mut open.lock(), |open| !*open);
            }
        },
        |_| (),
    );
}

/// Data that only `Once` protects.
#[derive(Default)]
struct Unguarded(UnsafeCell<usize>);
// SAFETY: written by the one who runs the function, read after `do_` has returned.
unsafe impl Sync for Unguarded {}

#[test]
fn once_runs_once_before_anybody_returns() {
    threads(
        3,
        || (Once::new(), Unguarded::default()),
        |_, (once, data)| {
            once.do_(|| {
                thread::yield_now();
                // SAFETY: we alone are here.
                unsafe { *data.0.get() += 1 };
            });
            // SAFETY: the one writer has finished.
            assert_eq!(unsafe { *data.0.get() }, 1);
        },
        |_| (),
    );
}

#[test]
fn waitgroup_releases_all_waiters() {
    threads(
        4,
        || {
            let wg = WaitGroup::new();
            wg.add(2);
            (wg, AtomicUsize::new(0))
        },
        |i, (wg, done)| {
            if i < 2 {
                done.fetch_add(1, Ordering::SeqCst);
                wg.done();
            } else {
                wg.wait();
                assert_eq!(done.load(Ordering::SeqCst), 2);
            }
        },
        |_| (),
    );
}

#[test]
fn semaphore_loses_no_unit_and_no_waiter() {
    const SIZE: usize = 2;
    threads(
        4,
        || {
            (
                Semaphore::new(SIZE),
                AtomicUsize::new(0),
                Context::new(),
                Context::new(),
            )
        },
        |i, (s, used, live, dies)| {
            let (ctx, n) = match i {
                0 => return dies.cancel(),
                1 => (dies, 2),
                2 => (live, 2),
                _ => (live, 1),
            };
            for _ in 0..2 {
                if s.acquire(ctx, n).is_ok() {
                    assert!(used.fetch_add(n, Ordering::SeqCst) + n <= SIZE);
                    thread::yield_now();
                    used.fetch_sub(n, Ordering::SeqCst);
                    s.release(n);
                } else {
                    assert_eq!(i, 1, "refused without reason");
                }
            }
        },
        |(s, ..)| assert!(s.try_acquire(SIZE), "units are missing"),
    );
}
