//! Atomics for files that a model checker compiles against its own (see `tests/models`).

pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
