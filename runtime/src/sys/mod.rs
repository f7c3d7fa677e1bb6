//! What the operating system gives: the only place that talks to libc.
//! Nothing here knows about goroutines; everything above may use it.
//!
//! What differs between systems is in `os`: a folder for each, all of them with the same functions. What differs
//! between processors is in [`arch`].

#[cfg(any(target_os = "macos", target_os = "freebsd"))]
mod kqueue;
#[cfg_attr(target_os = "linux", path = "linux/mod.rs")]
#[cfg_attr(target_os = "macos", path = "darwin/mod.rs")]
#[cfg_attr(target_os = "freebsd", path = "freebsd/mod.rs")]
mod os;

pub(crate) mod arch;
pub(crate) mod atomic;
pub(crate) mod barrier;
pub(crate) mod clock;
pub(crate) mod fault;
pub(crate) mod fd;
pub(crate) mod futex;
pub(crate) mod held;
pub(crate) mod inject;
pub(crate) mod locks;
pub(crate) mod mem;
pub(crate) mod mutex;
pub(crate) mod poller;
pub(crate) mod proc;
pub(crate) mod signal;
pub(crate) mod sigurg;
pub(crate) mod socket;
pub(crate) mod spin;
pub(crate) mod stdio_locks;
pub(crate) mod thread;
pub(crate) mod thread_block;
pub(crate) mod tls;
pub(crate) mod walk;
