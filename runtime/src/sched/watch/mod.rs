//! The threads that watch: sysmon and the template thread.

pub(crate) mod deadlock;
pub(crate) mod pause;
pub(crate) mod quit;
pub(crate) mod retake;
mod shrink;
pub(crate) mod sysmon;
pub(crate) mod template;
