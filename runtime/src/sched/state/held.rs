//! The waiting goroutine that sysmon has in hand, to give back memory of its stack: no M resumes it meanwhile.
//!
//! (`tests/models/loom` compiles this file against a model checker's atomics.)
//!
//! An M that resumes a goroutine stores its status, and then looks here; sysmon stores here, and then looks at the
//! status. One of the two sees the other: either sysmon sees that the goroutine waits no more, and keeps its hands
//! off; or the M that resumes it sees that it is held, and waits.

use crate::sys::atomic::{AtomicUsize, Ordering, maybe_const};
use crate::sys::barrier;

/// See the [module](self). A goroutine is known by its address.
pub(crate) struct Held {
    word: AtomicUsize,
}

maybe_const! {
    impl Held {
        /// No goroutine is held.
        pub(crate) fn new() -> Self {
            Held {
                word: AtomicUsize::new(0),
            }
        }
    }
}

impl Held {
    /// Is `g` held? For the M that resumes it, and has stored that it runs.
    #[inline(always)]
    pub(crate) fn is(&self, g: usize) -> bool {
        // Between that store and the load below; pairs with `barrier::heavy` in `hold`.
        barrier::light();
        // Acquire: as below; it may have been held until just now.
        self.word.load(Ordering::Acquire) == g
    }

    /// Is it still?
    pub(crate) fn is_still(&self, g: usize) -> bool {
        // Acquire: pairs with the release in `hold`.
        self.word.load(Ordering::Acquire) == g
    }

    /// Holds `g` while `f` runs, which must look first whether it waits. One at a time: sysmon's.
    pub(crate) fn hold(&self, g: usize, f: impl FnOnce()) {
        self.word.store(g, Ordering::Relaxed);
        // Between the store above and the look at its status; pairs with `barrier::light` in `is`.
        barrier::heavy();
        f();
        // Release: pairs with the acquire in `is_still`.
        self.word.store(0, Ordering::Release);
    }
}
