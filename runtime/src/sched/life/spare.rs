//! Segments that are not in use just now, for [`lent`](super::lent): the one used last comes first, that of the same M
//! before those that all have in common.

use crate::sched::state::section;
use crate::sched::state::segment::SegmentBox;
use crate::sys::spin::SpinMutex;
use std::ptr;

/// How many are kept beside those of the Ms; further ones go back to the arena.
const MOST: usize = 64;

/// A list of them.
struct List {
    first: Option<SegmentBox>,
    len: usize,
}

static SPARE: SpinMutex<List> = SpinMutex::new(List {
    first: None,
    len: 0,
});

/// Takes the one that was used last.
#[inline]
pub(super) fn take() -> Option<SegmentBox> {
    exchange_own(None).or_else(take_common)
}

/// Puts one into the place of the M, if that has one, and gives what was there; else the same.
#[inline]
fn exchange_own(new: Option<SegmentBox>) -> Option<SegmentBox> {
    let Some(section) = section::enter() else {
        return new;
    };
    let new = new.map_or(ptr::null_mut(), SegmentBox::into_raw);
    let old = section.own().spare.replace(new);
    // SAFETY: null, or put there just as `new` is now.
    unsafe { SegmentBox::from_raw(old) }
}

#[cold]
#[inline(never)]
fn take_common() -> Option<SegmentBox> {
    let mut list = SPARE.lock();
    let taken = list.first.take()?;
    list.first = taken.next.take();
    list.len -= 1;
    Some(taken)
}

/// Takes back one that its user gives up.
#[inline]
pub(super) fn give(mut segment: SegmentBox) {
    segment.trim();
    if let Some(older) = exchange_own(Some(segment)) {
        give_common(older);
    }
}

#[cold]
#[inline(never)]
fn give_common(segment: SegmentBox) {
    let mut list = SPARE.lock();
    if list.len < MOST {
        segment.next.set(list.first.take());
        list.first = Some(segment);
        list.len += 1;
        return;
    }
    drop(list);
    segment.give_back();
}
