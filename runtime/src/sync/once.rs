//! Doing something exactly once (Go's `sync.Once`, `once.go`).

use super::RawMutex;
use super::rt::{AtomicU32, Ordering};
use std::fmt;

/// Runs a function once, in the first goroutine that asks (Go's `sync.Once`).
///
/// ```
/// use goroutines::sync::Once;
///
/// static BANNER: Once = Once::new();
///
/// for _ in 0..3 {
///     BANNER.do_(|| println!("printed once"));
/// }
/// ```
#[derive(Default)]
pub struct Once {
    /// 1 when the function has ended, in whatever way.
    done: AtomicU32,
    gate: RawMutex,
}

impl Once {
    /// A `Once` that has not run anything.
    ///
    /// ```
    /// static INIT: goroutines::sync::Once = goroutines::sync::Once::new();
    /// ```
    pub const fn new() -> Self {
        Self {
            done: AtomicU32::new(0),
            gate: RawMutex::new(),
        }
    }

    /// Runs `f` if this is the first call, and returns when the first call's function has finished
    /// (Go's `Do`). After the first call it costs one load.
    ///
    /// A function that panics or ends its goroutine has been run all the same: later calls return
    /// at once, silently. Calling `do_` from `f` itself blocks for ever.
    ///
    /// # Suspends
    /// The goroutine, while another runs its function.
    ///
    /// ```
    /// let once = goroutines::sync::Once::new();
    /// let mut runs = 0;
    /// once.do_(|| runs += 1);
    /// once.do_(|| runs += 1);
    /// assert_eq!(runs, 1);
    /// ```
    #[inline]
    pub fn do_(&self, f: impl FnOnce()) {
        // Acquire: pairs with the release in `Finish::drop`; what `f` did is visible.
        if self.done.load(Ordering::Acquire) == 0 {
            self.do_slow(f);
        }
    }

    #[cold]
    fn do_slow(&self, f: impl FnOnce()) {
        self.gate.lock();
        let finish = Finish(self);
        // The gate orders this load after the store of the goroutine that went before.
        if self.done.load(Ordering::Relaxed) == 0 {
            f();
        }
        drop(finish);
    }

    /// Whether the function has finished.
    #[inline]
    pub(super) fn is_done(&self) -> bool {
        self.done.load(Ordering::Acquire) != 0
    }
}

/// Marks the function as run and opens the gate, also while unwinding.
struct Finish<'a>(&'a Once);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        // Release: pairs with the acquire in `do_`.
        self.0.done.store(1, Ordering::Release);
        self.0.gate.unlock();
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once")
            .field("done", &self.is_done())
            .finish()
    }
}
