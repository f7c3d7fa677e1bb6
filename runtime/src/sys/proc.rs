//! A child process as something to wait for: its [`Handle`] has a descriptor that becomes readable when the
//! process has ended, and a signal sent through it never meets another process that has got the same number.
//!
//! On Linux the handle is a pidfd. Elsewhere it is a kqueue with `NOTE_EXIT`, beside the process's number: the
//! thread that waits for the child and the one that signals it hold a lock, and after the wait the number is
//! not used any more.

pub(crate) use super::os::proc::Handle;
use std::os::fd::AsRawFd;

/// SIGKILL, which no process can catch.
pub(crate) const KILL: i32 = libc::SIGKILL;

impl Handle {
    /// Has the process ended?
    pub(crate) fn has_ended(&self) -> bool {
        let mut asked = libc::pollfd {
            fd: self.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: one entry, which is ours. It does not wait.
        unsafe { libc::poll(&raw mut asked, 1, 0) > 0 }
    }
}
