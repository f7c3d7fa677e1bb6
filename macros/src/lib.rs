//! The procedural macros of the `goroutines` crate. Use them through `goroutines`, which
//! re-exports them together with the runtime that their expansions call.
#![forbid(unsafe_code)]
