//! Address space: reserving, making usable, guarding, giving back.

use super::inject;
use super::os;
pub(crate) use super::os::mem::{
    dump, install_guards, is_no_guard, no_huge_pages, populate, range, remove_guards, set_apart,
};
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

static PAGE_SIZE: AtomicUsize = AtomicUsize::new(0);

/// Size of a page: 4, 16 or 64 KiB. What is guarded, protected or given back is whole pages.
#[inline]
pub(crate) fn page_size() -> usize {
    // Relaxed: a thread that sees none finds the same.
    match PAGE_SIZE.load(Ordering::Relaxed) {
        0 => {
            // SAFETY: sysconf has no preconditions.
            let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) as usize };
            PAGE_SIZE.store(size, Ordering::Relaxed);
            size
        }
        size => size,
    }
}

/// Makes pages count as this large, a multiple of the system's. Called before anything is mapped.
#[cfg(test)]
pub(crate) fn pretend_pages_of(size: usize) {
    assert_eq!(size % page_size(), 0);
    PAGE_SIZE.store(size, Ordering::Relaxed);
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
    let at = ask_for(hint, len, prot)?;
    #[cfg(test)]
    let at = whole_pages(at, len, prot)?;
    Ok(at)
}

/// A mapping begins with a page, but where pages are [pretended](pretend_pages_of): there it is made again.
#[cfg(test)]
fn whole_pages(at: usize, len: usize, prot: libc::c_int) -> io::Result<usize> {
    let page = page_size();
    if at.is_multiple_of(page) {
        return Ok(at);
    }
    // SAFETY: just made, and not in use yet.
    unsafe { unmap(at, len) };
    let low = ask_for(0, len + page, prot)?;
    let at = low.next_multiple_of(page);
    // SAFETY: as above; what lies before, and behind.
    unsafe {
        unmap(low, at - low);
        unmap(at + len, low + page - at);
    }
    Ok(at)
}

fn ask_for(hint: usize, len: usize, prot: libc::c_int) -> io::Result<usize> {
    // SAFETY: a fresh anonymous mapping at an address of the kernel's choice.
    let p = unsafe {
        libc::mmap(
            hint as *mut _,
            len,
            prot,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | os::mem::RESERVE,
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
/// The range is a mapping made here that is not in use any more.
pub(crate) unsafe fn unmap(addr: usize, len: usize) {
    // SAFETY: forwarded.
    unsafe { libc::munmap(addr as *mut _, len) };
}

/// Makes a reserved range readable and writable.
///
/// # Safety
/// The range lies in a reservation made here and belongs to the caller.
pub(crate) unsafe fn make_usable(addr: usize, len: usize) -> io::Result<()> {
    debug_assert_eq!((addr | len) % page_size(), 0, "whole pages");
    inject::fault("mprotect")?;
    // SAFETY: forwarded.
    check(unsafe { libc::mprotect(addr as *mut _, len, libc::PROT_READ | libc::PROT_WRITE) })
}

/// Takes all access away; two VMAs per call, the expensive kind of guard.
///
/// # Safety
/// As [`make_usable`], and no thread touches the range again before it is made usable.
pub(crate) unsafe fn make_inaccessible(addr: usize, len: usize) -> io::Result<()> {
    debug_assert_eq!((addr | len) % page_size(), 0, "whole pages");
    inject::fault("mprotect")?;
    // SAFETY: forwarded.
    check(unsafe { libc::mprotect(addr as *mut _, len, libc::PROT_NONE) })
}

/// Does the page at `addr` hold memory? If it cannot be told: no.
pub(crate) fn is_resident(addr: usize) -> bool {
    let mut page = 0;
    let addr = addr & !(page_size() - 1);
    // SAFETY: only asks about the address, and writes one byte for one page.
    let rc = unsafe { libc::mincore(addr as *mut _, 1, &raw mut page) };
    rc == 0 && page & 1 != 0
}

/// Gives the pages of a range back; it reads as zeros afterwards.
///
/// # Safety
/// Nothing in the range matters any more.
pub(crate) unsafe fn discard(addr: usize, len: usize) {
    debug_assert_eq!((addr | len) % page_size(), 0, "whole pages");
    // SAFETY: forwarded.
    unsafe {
        if !os::mem::discard(addr, len) {
            ptr::write_bytes(addr as *mut u8, 0, len);
        }
    }
}

/// The result of a call.
pub(super) fn check(r: libc::c_int) -> io::Result<()> {
    if r == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Maps zeroed memory over a range.
///
/// # Safety
/// The range lies in a mapping made here, belongs to the caller, and nothing in it matters any more.
#[cfg(not(target_os = "linux"))]
pub(super) unsafe fn map_anew(addr: usize, len: usize) -> bool {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_FIXED | os::mem::RESERVE;
    let prot = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: by the caller, to whom what is replaced belongs.
    unsafe { libc::mmap(addr as *mut _, len, prot, flags, -1, 0) != libc::MAP_FAILED }
}

/// For systems where a guard is a mapping of its own.
#[cfg(not(target_os = "linux"))]
pub(super) mod no_cheap_guards {
    use std::io;

    /// A range of addresses.
    #[derive(Clone, Copy)]
    pub(crate) struct Range;

    pub(crate) fn range(_: usize, _: usize) -> Range {
        Range
    }

    /// # Safety
    /// None is needed.
    ///
    /// # Errors
    /// `EINVAL`: there are none.
    pub(crate) unsafe fn install_guards(_: &[Range]) -> io::Result<()> {
        Err(io::ErrorKind::InvalidInput.into())
    }

    pub(crate) fn is_no_guard(_: usize) -> bool {
        true
    }

    /// # Safety
    /// None is needed.
    pub(crate) unsafe fn remove_guards(_: usize, _: usize) {}
}
