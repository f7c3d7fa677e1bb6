//! Go-style concurrency for Rust.

#[cfg(not(target_pointer_width = "64"))]
compile_error!("goroutines needs a 64-bit target: it reserves one large arena for all stacks");
#[cfg(panic = "abort")]
compile_error!(
    "goroutines needs `panic = \"unwind\"`: a goroutine ends by unwinding its own stack"
);

// The macros' expansions name this crate as users do, also in its own tests.
extern crate self as goroutines;

mod block_on;
mod entry;
mod g;
mod join;
mod local;
mod macros;
mod metrics;
mod netpoll;
mod nosuspend;
mod sched;
mod scope;
mod stack;
mod sys;
mod timers;

pub mod chan;
pub mod context;
pub mod debug;
pub mod io;
pub mod net;
pub mod pool;
pub mod prelude;
pub mod process;
pub mod runtime;
pub mod signal;

pub mod sync;
pub mod time;
pub mod trace;

pub use block_on::block_on;
pub use chan::{Chan, Receiver, Sender};
pub use join::{Builder, JoinHandle, spawn};
pub use local::GoroutineLocal;
pub use macros::goroutine;
pub use sched::panic::{Panic, recover};
pub use scope::{Scope, ScopedJoinHandle, scope};

/// What the macros expand to. Not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::chan::private::*;
    pub use crate::entry::{Options, main, test};
    pub use crate::macros::bind;
    pub use crate::sched::panic::Defer;
    pub use goroutines_macros as macros;

    /// `go!`.
    #[track_caller]
    #[inline]
    pub fn go<F, R>(f: F)
    where
        F: FnOnce() -> R + Send + 'static,
    {
        crate::sched::spawn::go(f);
    }

    /// The prologue of a `#[goroutine]` function.
    #[inline(always)]
    pub fn prologue<R>(stack: usize, f: impl FnOnce() -> R) -> R {
        crate::sched::grow::prologue(stack, f)
    }

    /// The back-edge of a loop in a `#[goroutine]` function.
    #[inline(always)]
    pub fn back_edge() {
        crate::sched::preempt::back_edge();
    }
}
