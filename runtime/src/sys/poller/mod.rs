//! The system's poller: epoll on Linux, kqueue elsewhere, and what breaks a wait on it (Go's
//! `netpoll_epoll.go` and `netpoll_kqueue.go`).
//!
//! Nothing here knows which goroutine waits for what: a registration carries a 64-bit token and an
//! event gives it back. Called by [`netpoll`](crate::netpoll) only.
//!
//! A descriptor is registered once, for both directions, edge-triggered: an event comes when it becomes ready, and
//! not again before it was found not to be.
//!
//! A system's file has `Events` (`new`; an iterator over [`Event`]s, without the wake-up) and `Poller`: `new`; `add` (a
//! descriptor and its token) and `remove`; `wait`, with a time-out in nanoseconds (negative: for ever; 0: not at all), which
//! may end early with nothing; `wake`, which breaks the wait that is on, or else the next one, and makes what was written
//! before it visible to whoever it breaks.

#[cfg(target_os = "linux")]
mod epoll;
#[cfg(any(target_os = "macos", target_os = "freebsd"))]
mod kqueue;

#[cfg(target_os = "linux")]
pub(crate) use epoll::{Events, Poller};
#[cfg(any(target_os = "macos", target_os = "freebsd"))]
pub(crate) use kqueue::{Events, Poller};

/// How many events one [`Poller::wait`] takes, as in Go.
pub(crate) const MAX_EVENTS: usize = 128;

/// What happened to one registered file descriptor.
#[derive(Clone, Copy)]
pub(crate) struct Event {
    /// The token given to [`Poller::add`].
    pub(crate) token: u64,
    /// Reading will not block: data, end of file, an error, a hang-up.
    pub(crate) readable: bool,
    /// Writing will not block: room, an error, a hang-up.
    pub(crate) writable: bool,
    /// There is more to it than data: the peer has closed its half, an error, urgent data.
    pub(crate) unusual: bool,
}

#[cfg(test)]
mod tests;
