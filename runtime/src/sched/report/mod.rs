//! What is shown of goroutines. Reports only look.

pub(crate) mod gdb;
pub(crate) mod goroutines;
pub(crate) mod overflow;
pub(crate) mod parked;
pub(crate) mod schedtrace;
pub(crate) mod traceback;
#[cfg(feature = "http")]
pub(crate) mod view;
