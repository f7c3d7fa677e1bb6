//! Memory.

use crate::sys::{inject, mem::check};
use std::io;
use std::os::fd::{FromRawFd, IntoRawFd, OwnedFd};
use std::sync::atomic::{AtomicI32, Ordering};

/// For `mmap`: address space that is not accounted for before it is used.
pub(in crate::sys) const RESERVE: libc::c_int = libc::MAP_NORESERVE;

/// Asks for small pages.
pub(crate) fn no_huge_pages(addr: usize, len: usize) {
    // SAFETY: MADV_NOHUGEPAGE changes no contents.
    unsafe { libc::madvise(addr as *mut _, len, libc::MADV_NOHUGEPAGE) };
}

/// Gives a range its pages at once, which takes less than to touch them one by one; or does not: then they come when
/// they are touched (before Linux 5.14).
pub(crate) fn populate(addr: usize, len: usize) {
    // SAFETY: changes no contents.
    unsafe { libc::madvise(addr as *mut _, len, libc::MADV_POPULATE_WRITE) };
}

/// Is a range to be in core files? Until it is used, what is reserved is not: debuggers' core files would hold all of
/// it, as zeros. (The kernel's leave out mappings in which no page was ever touched.)
pub(crate) fn dump(addr: usize, len: usize, yes: bool) {
    let advice = if yes {
        libc::MADV_DODUMP
    } else {
        libc::MADV_DONTDUMP
    };
    // SAFETY: changes no contents.
    unsafe { libc::madvise(addr as *mut _, len, advice) };
}

/// Makes a range a mapping of its own, which the kernel leaves out of core files until a page in it is touched; of
/// other mappings it writes holes, which not every tool that moves core files keeps.
///
/// `MADV_RANDOM` says how to read ahead in a file, so here it does no more than keep the range from being joined with
/// its neighbours. (`MADV_DONTDUMP` would lose the frames of a stack that has become deep.)
pub(crate) fn set_apart(addr: usize, len: usize) {
    // SAFETY: MADV_RANDOM changes no contents. If the process may have no more mappings, nothing is lost.
    unsafe { libc::madvise(addr as *mut _, len, libc::MADV_RANDOM) };
}

/// Gives pages back; they read as zeros afterwards. `false`: they stay as they are (locked memory).
///
/// # Safety
/// Nothing in the range matters any more.
pub(in crate::sys) unsafe fn discard(addr: usize, len: usize) -> bool {
    // Pages that the program has locked (`mlockall`) need to be asked for by another name; they are locked again
    // when they are used.
    [libc::MADV_DONTNEED, MADV_DONTNEED_LOCKED]
        .into_iter()
        // SAFETY: by the caller.
        .any(|advice| unsafe { libc::madvise(addr as *mut _, len, advice) == 0 })
}

/// Since Linux 5.18.
const MADV_DONTNEED_LOCKED: libc::c_int = 24;

const MADV_GUARD_INSTALL: libc::c_int = 102;
const MADV_GUARD_REMOVE: libc::c_int = 103;

/// A range for [`install_guards`], as the kernel takes it.
pub(crate) type Range = libc::iovec;

/// A range of addresses.
pub(crate) fn range(addr: usize, len: usize) -> Range {
    Range {
        iov_base: addr as *mut _,
        iov_len: len,
    }
}

static PIDFD: AtomicI32 = AtomicI32::new(UNKNOWN);
const UNKNOWN: i32 = -1;
const NEVER: i32 = -2;

/// This process as a descriptor, kept open; negative if there is none now. Where the system has no such
/// thing it is not asked for again.
fn own_pidfd() -> i32 {
    let known = PIDFD.load(Ordering::Relaxed);
    if known != UNKNOWN {
        return known;
    }
    match super::proc::open(std::process::id()) {
        Ok(fd) => {
            let fd = fd.into_raw_fd();
            // Relaxed: the number is all there is to it.
            match PIDFD.compare_exchange(UNKNOWN, fd, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => fd,
                Err(theirs) => {
                    // SAFETY: opened above, and ours alone.
                    drop(unsafe { OwnedFd::from_raw_fd(fd) });
                    theirs
                }
            }
        }
        Err(e) => {
            if is_missing(&e) {
                PIDFD.store(NEVER, Ordering::Relaxed);
            }
            UNKNOWN
        }
    }
}

/// Does the system not have the call, or does a sandbox forbid it?
fn is_missing(e: &io::Error) -> bool {
    matches!(e.raw_os_error(), Some(libc::ENOSYS | libc::EPERM))
}

/// Turns each range into a guard that costs no VMA (Linux 6.13 and later).
/// Batched through `process_madvise` on our own pidfd where the kernel allows it.
///
/// # Safety
/// The ranges belong to the caller and hold nothing that matters.
///
/// # Errors
/// `EINVAL`: the system knows no such guards.
pub(crate) unsafe fn install_guards(ranges: &[Range]) -> io::Result<()> {
    let pidfd = own_pidfd();
    let total: usize = ranges.iter().map(|r| r.iov_len).sum();
    if pidfd >= 0 {
        // SAFETY: the vector is borrowed for the call; the ranges are the caller's.
        let done = unsafe {
            libc::syscall(
                libc::SYS_process_madvise,
                pidfd,
                ranges.as_ptr(),
                ranges.len(),
                MADV_GUARD_INSTALL,
                0,
            )
        };
        if done == total as libc::c_long {
            return Ok(());
        }
        if done < 0 && is_missing(&io::Error::last_os_error()) {
            // The descriptor stays open: another thread may be using it.
            PIDFD.store(NEVER, Ordering::Relaxed);
        }
    }
    for r in ranges {
        inject::fault("madvise")?;
        // SAFETY: forwarded.
        check(unsafe { libc::madvise(r.iov_base, r.iov_len, MADV_GUARD_INSTALL) })?;
    }
    Ok(())
}

/// Does a guard installed at `addr`, where zeros were, let itself be read? Emulators accept advice that they
/// do not know.
pub(crate) fn is_no_guard(addr: usize) -> bool {
    // SAFETY: the kernel reads a path there: an empty one, or it tells that it cannot. Nothing is opened.
    let rc = unsafe { libc::access(addr as *const _, libc::F_OK) };
    rc != 0 && io::Error::last_os_error().raw_os_error() == Some(libc::ENOENT)
}

/// Removes every guard in a range.
///
/// # Safety
/// The range belongs to the caller.
pub(crate) unsafe fn remove_guards(addr: usize, len: usize) {
    // SAFETY: forwarded.
    unsafe { libc::madvise(addr as *mut _, len, MADV_GUARD_REMOVE) };
}
