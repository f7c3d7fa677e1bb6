//! The scheduler's lock-free protocols under [loom](https://docs.rs/loom), which runs each model in
//! every order of its steps and with every value that the memory model allows a load to return.
//!
//! Each model compiles the runtime's own file ([`sys`] stands for the layers below it). The prose that they check
//! is in `runtime/src/sched/README.md`. Both sides of the asymmetric
//! fence are sequentially consistent fences here: that is what `membarrier` makes of the light side.
//! (loom treats sequentially consistent accesses as acquire and release; only fences are stronger. So
//! nothing here relies on more than the fences.)
//!
//! Each model says what it proves, and with which change to the protocol it was seen to fail: a
//! model that cannot fail proves nothing. Those changes are kept, as variants that must fail.

mod alarm;
mod deadlock;
mod idle;
mod pause;
mod phase;
mod section;
mod sync;
mod sys;
mod ticket;
mod timers;
mod trim;
mod winner;

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

/// [`must_fail`] where a part of what lies below is left out.
fn must_fail_without(
    part: sys::Part,
    preemptions: usize,
    model: impl Fn() + Sync + Send + 'static,
) {
    sys::without(part, || must_fail(preemptions, model));
}
