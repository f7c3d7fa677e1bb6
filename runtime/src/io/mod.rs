//! Streams inside the process (part of Go's package `io`).

pub(crate) mod half;
mod pipe;

pub use pipe::{PipeReader, PipeWriter, pipe};
