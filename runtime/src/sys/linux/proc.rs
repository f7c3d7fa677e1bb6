//! A process as a descriptor: it becomes readable when the process has ended, and a signal sent
//! through it never meets another process that has got the same number.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::process::{Child, ExitStatus};

/// A pidfd of this process's or of a child that has not been waited for.
pub(in crate::sys) fn open(pid: u32) -> io::Result<OwnedFd> {
    crate::sys::inject::fault("pidfd_open")?;
    // SAFETY: no pointers; a descriptor that comes back has no other owner.
    unsafe {
        match libc::syscall(libc::SYS_pidfd_open, pid as libc::pid_t, 0) {
            fd if fd >= 0 => Ok(OwnedFd::from_raw_fd(fd as i32)),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

/// See [`proc`](crate::sys::proc).
pub(crate) struct Handle(OwnedFd);

impl Handle {
    /// Opens the descriptor of a child that has not been waited for.
    ///
    /// # Errors
    /// `ENOSYS` before Linux 5.3 and in some sandboxes, `EMFILE`.
    pub(crate) fn open(pid: u32) -> io::Result<Handle> {
        open(pid).map(Handle)
    }

    /// Another one of the same process.
    ///
    /// # Errors
    /// `EMFILE`.
    pub(crate) fn try_clone(&self) -> io::Result<Handle> {
        self.0.try_clone().map(Handle)
    }

    /// Waits for the child, whose handle this is, if it has ended.
    ///
    /// # Errors
    /// Those of `waitpid`.
    pub(crate) fn try_wait(&self, child: &mut Child) -> io::Result<Option<ExitStatus>> {
        child.try_wait()
    }

    /// The same: the descriptor tells of the end when the status is there.
    ///
    /// # Errors
    /// Those of `waitpid`.
    pub(crate) fn collect(&self, child: &mut Child) -> io::Result<Option<ExitStatus>> {
        self.try_wait(child)
    }

    /// Sends a signal to the process.
    ///
    /// # Errors
    /// `ESRCH` if it has been waited for already.
    pub(crate) fn signal(&self, signal: i32) -> io::Result<()> {
        let no_info = std::ptr::null::<libc::siginfo_t>();
        // SAFETY: an open descriptor; no information to read.
        let rc = unsafe {
            libc::syscall(
                libc::SYS_pidfd_send_signal,
                self.0.as_raw_fd(),
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
}

impl AsRawFd for Handle {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
