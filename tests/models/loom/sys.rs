//! What the runtime's own files ask of the layers below them: here, loom's atomics, and fences that can be left out.

use std::cell::Cell;

/// Something that a model must not do without.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Part {
    /// [`barrier::light`].
    Light,
    /// [`barrier::heavy`].
    Heavy,
    /// Every [`atomic::fence`].
    Fence,
    /// The Release of a store to an `AtomicBool`.
    Release,
    /// What makes sequentially consistent loads and stores of an `AtomicBool` more than acquire and release.
    Order,
    /// Every lock of `sync::Mutex`.
    Lock,
}

std::thread_local! {
    // loom runs all threads of a model on the thread that checks it.
    static WITHOUT: Cell<Option<Part>> = const { Cell::new(None) };
}

/// Runs `f` without the part.
pub(crate) fn without(part: Part, f: impl FnOnce()) {
    WITHOUT.set(Some(part));
    f();
    WITHOUT.set(None);
}

pub(super) fn has(part: Part) -> bool {
    WITHOUT.get() != Some(part)
}

pub(crate) mod atomic {
    use super::{Part, has};
    pub(crate) use loom::sync::atomic::{AtomicI64, AtomicU8, AtomicU32, AtomicUsize, Ordering};

    pub(crate) fn fence(order: Ordering) {
        if has(Part::Fence) {
            loom::sync::atomic::fence(order);
        }
    }

    fn in_order(o: Ordering) {
        if o == Ordering::SeqCst && has(Part::Order) {
            loom::sync::atomic::fence(o);
        }
    }

    macro_rules! maybe_const {
        (impl $t:ident { $(#[$a:meta])* $vis:vis fn $f:ident() -> Self $body:block }) => {
            impl $t {
                $(#[$a])*
                $vis fn $f() -> Self $body
            }
        };
    }
    pub(crate) use maybe_const;

    /// loom's, whose stores may lose their Release. To loom a sequentially consistent access is no more than acquire
    /// or release; so here it stands between fences, which is at least as much as it is in the language's model.
    pub(crate) struct AtomicBool(loom::sync::atomic::AtomicBool);

    impl AtomicBool {
        pub(crate) fn new(v: bool) -> Self {
            Self(loom::sync::atomic::AtomicBool::new(v))
        }

        pub(crate) fn load(&self, o: Ordering) -> bool {
            in_order(o);
            let v = self.0.load(if o == Ordering::SeqCst {
                Ordering::Acquire
            } else {
                o
            });
            in_order(o);
            v
        }

        pub(crate) fn store(&self, v: bool, o: Ordering) {
            in_order(o);
            let weak = o == Ordering::Release && !has(Part::Release);
            self.0.store(v, if weak { Ordering::Relaxed } else { o });
            in_order(o);
        }

        pub(crate) fn swap(&self, v: bool, o: Ordering) -> bool {
            self.0.swap(v, o)
        }
    }

    /// loom's, except for the store. loom lets a store and somebody else's read-modify-write be in
    /// no order, even where the latter has read what the storing thread stored before; in the
    /// language's model it then comes before the store. A swap says so.
    pub(crate) struct AtomicU64(loom::sync::atomic::AtomicU64);

    impl AtomicU64 {
        pub(crate) fn new(v: u64) -> Self {
            Self(loom::sync::atomic::AtomicU64::new(v))
        }

        pub(crate) fn load(&self, o: Ordering) -> u64 {
            self.0.load(o)
        }

        pub(crate) fn store(&self, v: u64, o: Ordering) {
            self.0.swap(v, o);
        }

        pub(crate) fn compare_exchange(
            &self,
            old: u64,
            new: u64,
            ok: Ordering,
            failed: Ordering,
        ) -> Result<u64, u64> {
            self.0.compare_exchange(old, new, ok, failed)
        }

        pub(crate) fn compare_exchange_weak(
            &self,
            old: u64,
            new: u64,
            ok: Ordering,
            failed: Ordering,
        ) -> Result<u64, u64> {
            self.0.compare_exchange_weak(old, new, ok, failed)
        }
    }
}

/// Both sides are fences: that is what `membarrier` makes of the light one.
pub(crate) mod barrier {
    use super::{Part, has};
    use loom::sync::atomic::{Ordering, fence};

    pub(crate) fn light() {
        if has(Part::Light) {
            fence(Ordering::SeqCst);
        }
    }

    pub(crate) fn heavy() {
        if has(Part::Heavy) {
            fence(Ordering::SeqCst);
        }
    }
}

pub(crate) mod spin {
    use loom::sync::{Condvar, Mutex};

    /// One that sleeps: loom cannot spin.
    pub(crate) struct SpinLock {
        taken: Mutex<bool>,
        free: Condvar,
    }

    impl SpinLock {
        pub(crate) fn new() -> Self {
            SpinLock {
                taken: Mutex::new(false),
                free: Condvar::new(),
            }
        }

        pub(crate) fn lock(&self) {
            let mut taken = self.taken.lock().unwrap();
            while *taken {
                taken = self.free.wait(taken).unwrap();
            }
            *taken = true;
        }

        pub(crate) fn try_lock(&self) -> bool {
            !std::mem::replace(&mut *self.taken.lock().unwrap(), true)
        }

        pub(crate) fn unlock(&self) {
            *self.taken.lock().unwrap() = false;
            self.free.notify_one();
        }
    }
}

/// A short sleep ends at once. Another one ends only when the word changes: loom reports one that never ends.
pub(crate) mod futex {
    use loom::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    pub(crate) fn wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) {
        while timeout != Some(Duration::ZERO) && word.load(Ordering::SeqCst) == expected {
            loom::thread::yield_now();
        }
    }

    pub(crate) fn wake(_: *const AtomicU32) {}

    pub(crate) fn wake_in_handler(_: *const AtomicU32) {}
}
