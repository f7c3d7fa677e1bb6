//! A process as a descriptor: it becomes readable when the process has ended, and a signal sent
//! through it never meets another process that has got the same number.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// Opens the descriptor of a child that has not been waited for.
///
/// # Errors
/// `ENOSYS` before Linux 5.3 and in some sandboxes, `EMFILE`.
pub(crate) fn open(pid: u32) -> io::Result<OwnedFd> {
    super::inject::fault("pidfd_open")?;
    // SAFETY: no pointers; a descriptor that comes back has no other owner.
    unsafe {
        match libc::syscall(libc::SYS_pidfd_open, pid as libc::pid_t, 0) {
            fd if fd >= 0 => Ok(OwnedFd::from_raw_fd(fd as i32)),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

/// SIGKILL, which no process can catch.
pub(crate) const KILL: i32 = libc::SIGKILL;

/// Has the process ended?
pub(crate) fn has_ended(pidfd: BorrowedFd<'_>) -> bool {
    let mut asked = libc::pollfd {
        fd: pidfd.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: one entry, which is ours. It does not wait.
    unsafe { libc::poll(&raw mut asked, 1, 0) > 0 }
}

/// Sends a signal to the process.
///
/// # Errors
/// `ESRCH` if it has been waited for already.
pub(crate) fn signal(pidfd: BorrowedFd<'_>, signal: i32) -> io::Result<()> {
    let no_info = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: an open descriptor; no information to read.
    let rc = unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            pidfd.as_raw_fd(),
            signal,
            no_info,
            0,
        )
    };
    if rc < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
