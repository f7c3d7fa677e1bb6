//! Linux, from 4.14 on: what is newer is asked for, and done without where it is not there.

pub(super) mod barrier;
pub(super) mod fd;
pub(super) mod futex;
pub(super) mod mem;
pub(super) mod proc;
pub(super) mod signal;
pub(super) mod socket;
pub(super) mod symbols;
pub(super) mod thread;
