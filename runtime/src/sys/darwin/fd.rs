//! Descriptors.

use std::os::fd::RawFd;

/// Opens a directory for neither reading nor writing: the one fails with `EBADF` or `EISDIR`, the other with `EBADF`.
pub(in crate::sys) const NO_ACCESS: libc::c_int = libc::O_EVTONLY;

/// Lets `to` be what `from` is, closed when a program is executed (except one that another thread executes
/// between the two calls: no single call does both).
///
/// # Safety
/// Both are open, and the users of `to` can do with any file.
pub(in crate::sys) unsafe fn replace(from: RawFd, to: RawFd) {
    // SAFETY: by the caller.
    unsafe {
        libc::dup2(from, to);
        libc::fcntl(to, libc::F_SETFD, libc::FD_CLOEXEC);
    }
}
