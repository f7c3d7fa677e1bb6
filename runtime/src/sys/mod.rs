//! What the operating system gives: the only place that talks to libc.
//! Nothing here knows about goroutines; everything above may use it.

pub(crate) mod atomic;
pub(crate) mod barrier;
pub(crate) mod clock;
pub(crate) mod epoll;
pub(crate) mod fault;
pub(crate) mod fd;
pub(crate) mod futex;
pub(crate) mod held;
pub(crate) mod inject;
pub(crate) mod locks;
pub(crate) mod mem;
pub(crate) mod mutex;
pub(crate) mod pidfd;
pub(crate) mod signal;
pub(crate) mod sigurg;
pub(crate) mod socket;
pub(crate) mod sp;
pub(crate) mod spin;
pub(crate) mod thread;
pub(crate) mod tls;
pub(crate) mod walk;
