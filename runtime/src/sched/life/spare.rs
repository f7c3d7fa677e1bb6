//! Segments that nobody uses just now, for [`lent`](super::lent): the one used last comes first.

use crate::sched::state::segment::{Header, give_back, trim_segment};
use crate::sys::spin::SpinMutex;

/// How many are kept; further ones go back to the arena.
const MOST: usize = 64;

/// A list of them, which owns them.
struct List {
    first: *mut Header,
    len: usize,
}

// SAFETY: what is in it belongs to no thread.
unsafe impl Send for List {}

static SPARE: SpinMutex<List> = SpinMutex::new(List {
    first: std::ptr::null_mut(),
    len: 0,
});

/// Takes the one that was used last.
pub(super) fn take() -> Option<*mut Header> {
    let mut list = SPARE.lock();
    let taken = list.first;
    if taken.is_null() {
        return None;
    }
    // SAFETY: a header in the list belongs to the list.
    list.first = unsafe { (*taken).next };
    list.len -= 1;
    Some(taken)
}

/// Takes one back that its user gives up.
///
/// # Safety
/// It is the caller's, and nothing is on it any more.
pub(super) unsafe fn give(header: *mut Header) {
    // SAFETY: by the caller.
    unsafe { trim_segment(header) };
    let mut list = SPARE.lock();
    if list.len < MOST {
        // SAFETY: by the caller, and the list's from now on.
        unsafe { (*header).next = list.first };
        list.first = header;
        list.len += 1;
        return;
    }
    drop(list);
    // SAFETY: by the caller.
    unsafe { give_back(header) };
}
