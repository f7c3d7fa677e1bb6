//! The scheduler.
pub(crate) mod park;
