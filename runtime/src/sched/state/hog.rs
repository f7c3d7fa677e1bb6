//! Hogs: goroutines that have used up a time slice and keep their thread.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, AtomicU8, Ordering};

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
    /// The thread's CPU time when its last turn ended, and by how much it has had more than its share in all turns.
    /// Written by who ends the turn, or puts it in line. If two do so at once the account is wrong, and no more.
    used: AtomicI64,
    overdrawn: AtomicI64,
    /// Its last turn ended by force.
    silent: AtomicBool,
}

/// A goroutine may run this long while others wait (Go's forcePreemptNS).
pub(crate) const SLICE: i64 = 10_000_000;
/// No more turns than this count against it, or for it.
const MEMORY: i64 = 8;

impl Hog {
    pub(crate) const fn new() -> Self {
        Hog {
            age: AtomicU8::new(NO_HOG),
            since: AtomicI64::new(0),
            used: AtomicI64::new(0),
            overdrawn: AtomicI64::new(0),
            silent: AtomicBool::new(false),
        }
    }

    /// Does its goroutine keep the thread?
    #[inline(always)]
    pub(crate) fn is_hog(&self) -> bool {
        self.age.load(Ordering::Relaxed) != NO_HOG
    }

    /// Its goroutine keeps the thread, which has used `cpu` nanoseconds so far, from now on, or has had another turn, of
    /// which `share` was its. (The counts change one after the other, and the goroutine may leave meanwhile: they are
    /// right in the end.) Is that new?
    pub(crate) fn count(&self, cpu: i64, share: i64) -> bool {
        let ran = cpu - self.used.swap(cpu, Ordering::Relaxed);
        let most = MEMORY * share;
        let more_than = |due: i64, before: i64| (before + ran - due).clamp(-most, most);
        let change = |from, to| {
            self.age
                .compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
        };
        if change(NO_HOG, YOUNG) {
            self.since.store(cpu, Ordering::Relaxed);
            self.overdrawn.store(more_than(SLICE, 0), Ordering::Relaxed);
            ALL.fetch_add(1, Ordering::Relaxed);
            YOUNG_ONES.fetch_add(1, Ordering::Relaxed);
            return true;
        }
        let overdrawn = more_than(share, self.overdrawn());
        self.overdrawn.store(overdrawn, Ordering::Relaxed);
        if cpu - self.since.load(Ordering::Relaxed) >= YOUTH && change(YOUNG, OLD) {
            YOUNG_ONES.fetch_sub(1, Ordering::Relaxed);
        }
        false
    }

    /// A goroutine that may become one began with its thread's CPU time at `cpu`: what it has had by then counts, too.
    pub(crate) fn begins_with(&self, cpu: i64) {
        if !self.is_hog() {
            self.used.store(cpu, Ordering::Relaxed);
        }
    }

    /// Its turn ends: because it was stopped where it was, or it has answered?
    pub(crate) fn set_silent(&self, silent: bool) {
        self.silent.store(silent, Ordering::Relaxed);
    }

    /// Did it not answer when it was asked in its last turn?
    pub(crate) fn is_silent(&self) -> bool {
        self.is_hog() && self.silent.load(Ordering::Relaxed)
    }

    /// The thread's CPU time when its last turn ended.
    pub(crate) fn used(&self) -> i64 {
        self.used.load(Ordering::Relaxed)
    }

    /// How much more than its share it has had, in nanoseconds of CPU time.
    pub(crate) fn overdrawn(&self) -> i64 {
        self.overdrawn.load(Ordering::Relaxed)
    }

    /// Its goroutine has left the thread. Was it a hog?
    #[inline(always)]
    pub(crate) fn settle(&self) -> bool {
        let was = self.is_hog();
        if was {
            self.uncount();
        }
        was
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

#[cfg(test)]
mod tests {
    use super::{Hog, MEMORY, SLICE};

    #[test]
    fn who_was_stopped_late_has_less_afterwards() {
        const SHARE: i64 = SLICE / 4;
        let hog = Hog::new();
        let mut cpu = 7;
        hog.begins_with(cpu);
        cpu += SLICE + 300;
        assert!(hog.count(cpu, SHARE));
        assert_eq!(hog.overdrawn(), 300, "the first turn counts");
        hog.begins_with(cpu + 5000);
        cpu += SHARE - 400;
        assert!(!hog.count(cpu, SHARE));
        assert_eq!(hog.overdrawn(), -100, "it has begun long ago");
        cpu += 100 * SLICE;
        hog.count(cpu, SHARE);
        assert_eq!(hog.overdrawn(), MEMORY * SHARE, "not for ever");
        hog.settle();
        hog.begins_with(cpu);
        assert!(hog.count(cpu + SLICE, SHARE));
        assert_eq!(hog.overdrawn(), 0, "another goroutine");
        hog.settle();
    }
}
