//! Segments that are not in use just now, for [`lent`](super::lent): the one used last comes first.

use crate::sched::state::segment::SegmentBox;
use crate::sys::spin::SpinMutex;

/// How many are kept; further ones go back to the arena.
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
pub(super) fn take() -> Option<SegmentBox> {
    let mut list = SPARE.lock();
    let taken = list.first.take()?;
    list.first = taken.next.take();
    list.len -= 1;
    Some(taken)
}

/// Takes back one that its user gives up.
pub(super) fn give(mut segment: SegmentBox) {
    segment.trim();
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
