//! The scheduler's lock-free protocols under [loom](https://docs.rs/loom), which runs each model in
//! every order of its steps and with every value that the memory model allows a load to return.
//!
//! The prose that these models check is in `runtime/src/sched/README.md`. Both sides of the asymmetric
//! fence are sequentially consistent fences here: that is what `membarrier` makes of the light side.
//! (loom treats sequentially consistent accesses as acquire and release; only fences are stronger. So
//! nothing here relies on more than the fences.)
//!
//! Each model says what it proves, and with which change to the protocol it was seen to fail: a
//! model that cannot fail proves nothing. Those changes are kept, as variants that must fail.

mod idle;
mod pause;
mod section;
mod ticket;
mod timers;
mod winner;

/// What the runtime's own files ask of the layers below them: here, loom's atomics.
mod sys {
    pub(crate) mod atomic {
        pub(crate) use loom::sync::atomic::{AtomicU32, Ordering};

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
}

/// Runs a model exhaustively, up to `preemptions` involuntary switches in one run.
fn check(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

/// The same for a protocol with a fault: some run must fail.
fn must_fail(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let run = std::panic::AssertUnwindSafe(|| check(preemptions, model));
    let failed = std::panic::catch_unwind(run).is_err();
    std::panic::set_hook(quiet);
    assert!(failed, "the model did not notice the fault");
}
