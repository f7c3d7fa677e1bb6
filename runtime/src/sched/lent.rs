//! Stacks that goroutines lend each other.
//!
//! A goroutine that now and then calls deep into a library would need its own stack for that, cold
//! each time and never given back while the goroutine lives. Here it takes one for the call: the one
//! used last, so ten thousand goroutines share a few warm ones, each with as much room as an ordinary
//! goroutine has. It is a segment like those of
//! [`grow`](super::grow), and a call that suspends keeps it until it returns.
//!
//! Used by the connections of `http`.

use super::grow::{Grown, Header, fresh_ordinary, give_back, marked, trim_segment};
use super::park::current_g;
use crate::g::coro::on_stack;
use crate::stack::arena;
use crate::sys::spin::SpinLock;
use std::cell::UnsafeCell;

/// Runs `body` on a lent stack; on a plain thread it just runs.
#[cfg_attr(not(feature = "http"), allow(dead_code))]
pub(crate) fn on_lent_stack<R>(body: impl FnOnce() -> R) -> R {
    let Some(g) = current_g() else {
        return body();
    };
    let used = g.cold().stack_bytes.get();
    let current = if used == 0 {
        arena::size_of_class(g.class())
    } else {
        g.cold().segment_size.get()
    };
    let header = LENT.take().unwrap_or_else(|| fresh_ordinary(g));
    // SAFETY: just taken, ours.
    unsafe { (*header).owner = g.as_ptr() };
    let segment = Grown::enter_on(g, header, used + current, true);
    // SAFETY: the segment is ours until `segment` is dropped, after the call.
    unsafe { on_stack(&segment.usable(), || marked(body)) }
}

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
