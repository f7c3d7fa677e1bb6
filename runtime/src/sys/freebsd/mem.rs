//! Memory.

pub(crate) use crate::sys::mem::no_cheap_guards::{
    install_guards, is_no_guard, range, remove_guards,
};

/// For `mmap`: address space is not accounted for before it is used anyway.
pub(in crate::sys) const RESERVE: libc::c_int = 0;

/// What the system joins it takes apart again by itself.
pub(crate) fn no_huge_pages(_: usize, _: usize) {}

/// Pages come when they are touched.
pub(crate) fn populate(_: usize, _: usize) {}

/// What core files hold is left to the system.
pub(crate) fn dump(_: usize, _: usize, _: bool) {}

/// Likewise.
pub(crate) fn set_apart(_: usize, _: usize) {}

/// Gives pages back; they read as zeros afterwards. (`MADV_DONTNEED` promises no zeros: they are mapped anew.)
///
/// # Safety
/// Nothing in the range matters any more.
pub(in crate::sys) unsafe fn discard(addr: usize, len: usize) -> bool {
    // SAFETY: by the caller.
    unsafe { crate::sys::mem::map_anew(addr, len) }
}
