//! Go-style concurrency for Rust.

#[cfg(not(target_pointer_width = "64"))]
compile_error!("goroutines needs a 64-bit target: it reserves one large arena for all stacks");
#[cfg(panic = "abort")]
compile_error!(
    "goroutines needs `panic = \"unwind\"`: a goroutine ends by unwinding its own stack"
);

// The macros' expansions name this crate as users do, also in its own tests.
extern crate self as goroutines;

mod macros;
pub use goroutines_macros::goroutine;

pub(crate) mod netpoll;
pub(crate) mod sched;
pub(crate) mod sys;

pub mod chan;
pub mod sync;

/// What the macros expand to. Not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::chan::private::*;
    pub use crate::macros::bind;
    pub use goroutines_macros as macros;
}
pub(crate) mod g;
pub(crate) mod stack;
