//! Descriptors.

use std::os::fd::RawFd;

/// Opens a file for neither reading nor writing: both fail with `EBADF`.
pub(in crate::sys) const NO_ACCESS: libc::c_int = libc::O_PATH;

/// Lets `to` be what `from` is, closed when a program is executed.
///
/// # Safety
/// Both are open, and the users of `to` can do with any file.
pub(in crate::sys) unsafe fn replace(from: RawFd, to: RawFd) {
    // SAFETY: by the caller.
    unsafe { libc::dup3(from, to, libc::O_CLOEXEC) };
}
