//! Segments that nobody uses just now, for [`lent`](super::lent): the one used last comes first.

use crate::sched::state::segment::{Header, give_back, trim_segment};
use crate::sys::spin::SpinLock;
use std::cell::UnsafeCell;

/// How many are kept in [`LENT`]; further ones go back to the arena.
const LENT_KEPT: usize = 64;

/// The stacks that nobody uses now.
static LENT: Lent = Lent {
    lock: SpinLock::new(),
    list: UnsafeCell::new((std::ptr::null_mut(), 0)),
};

struct Lent {
    lock: SpinLock,
    /// The first, and how many.
    list: UnsafeCell<(*mut Header, usize)>,
}

// SAFETY: the list and its links are only touched under `lock`.
unsafe impl Sync for Lent {}

impl Lent {
    fn take(&self) -> Option<*mut Header> {
        self.lock.lock();
        // SAFETY: under the lock.
        let (first, count) = unsafe { &mut *self.list.get() };
        let taken = *first;
        if !taken.is_null() {
            // SAFETY: a header in the list belongs to the list.
            *first = unsafe { (*taken).next };
            *count -= 1;
        }
        self.lock.unlock();
        (!taken.is_null()).then_some(taken)
    }

    fn give(&self, header: *mut Header) {
        self.lock.lock();
        // SAFETY: under the lock.
        let (first, count) = unsafe { &mut *self.list.get() };
        let kept = *count < LENT_KEPT;
        if kept {
            // SAFETY: the caller's, and ours from now on.
            unsafe { (*header).next = *first };
            *first = header;
            *count += 1;
        }
        self.lock.unlock();
        if !kept {
            // SAFETY: the caller's, who gives it up.
            unsafe { give_back(header) };
        }
    }
}

/// Takes a stack back that its user gives up.
pub(super) fn give(header: *mut Header) {
    // SAFETY: the caller's, who has left it.
    unsafe { trim_segment(header) };
    LENT.give(header);
}

/// Takes the one that was used last.
pub(super) fn take() -> Option<*mut Header> {
    LENT.take()
}
