//! Hogs: goroutines that have used up a time slice and keep their thread.

use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU8, Ordering};

const NO_HOG: u8 = 0;
const YOUNG: u8 = 1;
const OLD: u8 = 2;
/// How much CPU time a hog may use and still be young, in nanoseconds. The number of young hogs at
/// once is limited (`hog::limit`): tasks of up to this length finish one batch after another, on few
/// threads; longer ones will not end soon, and must not keep others from starting.
const YOUTH: i64 = 100_000_000;

/// How many there are, and how many of them are young.
static ALL: AtomicI32 = AtomicI32::new(0);
static YOUNG_ONES: AtomicI32 = AtomicI32::new(0);

/// How many there are.
pub(crate) fn all() -> i32 {
    ALL.load(Ordering::Relaxed)
}

/// How many are young.
pub(crate) fn young() -> i32 {
    YOUNG_ONES.load(Ordering::Relaxed)
}

/// How many young hogs may be at once, before goroutines that have not begun are kept back:
/// `debug::set_max_hogs`, else 64.
pub(crate) fn limit() -> i32 {
    match MAX.load(Ordering::Relaxed) {
        n if n >= 0 => n,
        _ => 64,
    }
}

/// `debug::set_max_hogs`; returns what [`limit`] was.
pub(crate) fn set_limit(n: i32) -> i32 {
    let old = limit();
    MAX.store(n, Ordering::Relaxed);
    old
}

/// Negative: 64.
static MAX: AtomicI32 = AtomicI32::new(-1);

/// What an M knows of itself: is its goroutine a hog, which waits in line for its turn or has it?
pub(crate) struct Hog {
    age: AtomicU8,
    /// The thread's CPU time when it became one.
    since: AtomicI64,
}

impl Hog {
    pub(crate) const fn new() -> Self {
        Hog {
            age: AtomicU8::new(NO_HOG),
            since: AtomicI64::new(0),
        }
    }

    /// Does its goroutine keep the thread?
    #[inline(always)]
    pub(crate) fn is_hog(&self) -> bool {
        self.age.load(Ordering::Relaxed) != NO_HOG
    }

    /// Its goroutine keeps the thread from now on, which has used `cpu` nanoseconds so far. (The counts
    /// change one after the other, and the goroutine may leave meanwhile: they are right in the end.) Is that new?
    pub(crate) fn count(&self, cpu: i64) -> bool {
        let change = |from, to| {
            self.age
                .compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
        };
        if change(NO_HOG, YOUNG) {
            self.since.store(cpu, Ordering::Relaxed);
            ALL.fetch_add(1, Ordering::Relaxed);
            YOUNG_ONES.fetch_add(1, Ordering::Relaxed);
            return true;
        }
        if cpu - self.since.load(Ordering::Relaxed) >= YOUTH && change(YOUNG, OLD) {
            YOUNG_ONES.fetch_sub(1, Ordering::Relaxed);
        }
        false
    }

    /// Its goroutine has left the thread.
    #[inline(always)]
    pub(crate) fn settle(&self) {
        if self.is_hog() {
            self.uncount();
        }
    }

    #[cold]
    #[inline(never)]
    fn uncount(&self) {
        match self.age.swap(NO_HOG, Ordering::Relaxed) {
            NO_HOG => return,
            YOUNG => YOUNG_ONES.fetch_sub(1, Ordering::Relaxed),
            _ => 0,
        };
        ALL.fetch_sub(1, Ordering::Relaxed);
    }
}
