//! What an M does between two goroutines.

pub(crate) mod find;
mod home;
pub(crate) mod poll;
pub(crate) mod queues;
pub(crate) mod refused;
pub(crate) mod run;
pub(crate) mod sleep;
pub(crate) mod spin;
pub(crate) mod steal;
