//! Address space: reserving, making usable, guarding, giving back.

use super::inject;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Size of a page. Guards and header arithmetic assume 4 KiB pages or larger ones up to 64 KiB.
#[inline]
pub(crate) fn page_size() -> usize {
    static SIZE: AtomicUsize = AtomicUsize::new(0);
    match SIZE.load(Ordering::Relaxed) {
        0 => {
            // SAFETY: sysconf has no preconditions.
            let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) as usize };
            SIZE.store(size, Ordering::Relaxed);
            size
        }
        size => size,
    }
}

/// Reserves `len` bytes of address space that cannot be touched yet.
pub(crate) fn reserve(len: usize) -> io::Result<usize> {
    map(len, libc::PROT_NONE)
}

/// Maps `len` bytes of zeroed memory that cost nothing until touched.
pub(crate) fn map_lazy(len: usize) -> io::Result<usize> {
    map(len, libc::PROT_READ | libc::PROT_WRITE)
}

/// The same at `addr`, if that is free; else anywhere.
pub(crate) fn map_lazy_near(addr: usize, len: usize) -> io::Result<usize> {
    map_at(addr, len, libc::PROT_READ | libc::PROT_WRITE)
}

fn map(len: usize, prot: libc::c_int) -> io::Result<usize> {
    map_at(0, len, prot)
}

fn map_at(hint: usize, len: usize, prot: libc::c_int) -> io::Result<usize> {
    inject::fault("mmap")?;
    // SAFETY: a fresh anonymous mapping at an address of the kernel's choice.
    let p = unsafe {
        libc::mmap(
            hint as *mut _,
            len,
            prot,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    if p == libc::MAP_FAILED {
        Err(io::Error::last_os_error())
    } else {
        Ok(p as usize)
    }
}

/// Gives a reservation back.
///
/// # Safety
/// The range is a mapping made here that nobody uses any more.
pub(crate) unsafe fn unmap(addr: usize, len: usize) {
    // SAFETY: forwarded.
    unsafe { libc::munmap(addr as *mut _, len) };
}

/// Makes a reserved range readable and writable.
///
/// # Safety
/// The range lies in a reservation made here and belongs to the caller.
pub(crate) unsafe fn make_usable(addr: usize, len: usize) -> io::Result<()> {
    inject::fault("mprotect")?;
    // SAFETY: forwarded.
    check(unsafe { libc::mprotect(addr as *mut _, len, libc::PROT_READ | libc::PROT_WRITE) })
}

/// Takes all access away; two VMAs a call, the expensive kind of guard.
///
/// # Safety
/// As [`make_usable`], and nobody touches the range again before it is made usable.
pub(crate) unsafe fn make_inaccessible(addr: usize, len: usize) -> io::Result<()> {
    inject::fault("mprotect")?;
    // SAFETY: forwarded.
    check(unsafe { libc::mprotect(addr as *mut _, len, libc::PROT_NONE) })
}

/// Asks for small pages in the range (a stack slot uses one page of many). Failure does not matter.
pub(crate) fn no_huge_pages(addr: usize, len: usize) {
    #[cfg(target_os = "linux")]
    // SAFETY: MADV_NOHUGEPAGE changes no contents.
    unsafe {
        libc::madvise(addr as *mut _, len, libc::MADV_NOHUGEPAGE);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (addr, len);
}

/// Does the page at `addr` hold memory? If it cannot be told: no.
pub(crate) fn is_resident(addr: usize) -> bool {
    #[cfg(target_os = "linux")]
    {
        let mut page = 0u8;
        let addr = addr & !(page_size() - 1);
        // SAFETY: only asks about the address, and writes one byte for one page.
        let rc = unsafe { libc::mincore(addr as *mut _, 1, &raw mut page) };
        rc == 0 && page & 1 != 0
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = addr;
        false
    }
}

/// Gives the pages of a range back; it reads as zeros afterwards.
///
/// # Safety
/// Nothing in the range matters any more.
pub(crate) unsafe fn discard(addr: usize, len: usize) {
    // SAFETY: forwarded.
    unsafe {
        if libc::madvise(addr as *mut _, len, libc::MADV_DONTNEED) != 0 {
            // Locked memory stays; it must read as zeros all the same.
            ptr::write_bytes(addr as *mut u8, 0, len);
        }
    }
}

#[cfg(target_os = "linux")]
const MADV_GUARD_INSTALL: libc::c_int = 102;
#[cfg(target_os = "linux")]
const MADV_GUARD_REMOVE: libc::c_int = 103;

/// A range for [`install_guards`], as the kernel takes it.
#[cfg(target_os = "linux")]
pub(crate) type Range = libc::iovec;

/// A range of addresses.
#[cfg(target_os = "linux")]
pub(crate) fn range(addr: usize, len: usize) -> Range {
    Range {
        iov_base: addr as *mut _,
        iov_len: len,
    }
}

/// This process as a descriptor, kept open; negative if there is none now. Where the system has no such
/// thing it is not asked for again.
#[cfg(target_os = "linux")]
fn own_pidfd() -> i32 {
    use std::os::fd::{FromRawFd, IntoRawFd, OwnedFd};
    use std::sync::atomic::AtomicI32;
    static PIDFD: AtomicI32 = AtomicI32::new(-1);
    const NEVER: i32 = -2;
    let known = PIDFD.load(Ordering::Relaxed);
    if known != -1 {
        return known;
    }
    match super::pidfd::open(std::process::id()) {
        Ok(fd) => {
            let fd = fd.into_raw_fd();
            match PIDFD.compare_exchange(-1, fd, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => fd,
                Err(theirs) => {
                    // SAFETY: opened above, and nobody else's.
                    drop(unsafe { OwnedFd::from_raw_fd(fd) });
                    theirs
                }
            }
        }
        Err(e) => {
            if matches!(e.raw_os_error(), Some(libc::ENOSYS | libc::EPERM)) {
                PIDFD.store(NEVER, Ordering::Relaxed);
            }
            -1
        }
    }
}

/// Turns each range into a guard that costs no VMA (Linux 6.13 and later).
/// Batched through `process_madvise` on our own pidfd where the kernel allows it.
///
/// # Safety
/// The ranges belong to the caller and hold nothing that matters.
#[cfg(target_os = "linux")]
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
    }
    for r in ranges {
        inject::fault("madvise")?;
        // SAFETY: forwarded.
        check(unsafe { libc::madvise(r.iov_base, r.iov_len, MADV_GUARD_INSTALL) })?;
    }
    Ok(())
}

/// Removes every guard in a range, so that its page tables can be freed by [`discard`].
///
/// # Safety
/// The range belongs to the caller.
pub(crate) unsafe fn remove_guards(addr: usize, len: usize) {
    #[cfg(target_os = "linux")]
    // SAFETY: forwarded.
    unsafe {
        libc::madvise(addr as *mut _, len, MADV_GUARD_REMOVE);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (addr, len);
}

fn check(r: libc::c_int) -> io::Result<()> {
    if r == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
