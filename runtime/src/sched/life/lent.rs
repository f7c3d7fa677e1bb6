//! Stacks that goroutines lend to each other.
//!
//! A goroutine that now and then calls deep into a library would need its own stack for that, cold
//! each time and never given back while the goroutine lives. Here it takes one for the call: the one
//! used last, so ten thousand goroutines share a few warm ones, each with as much room as an ordinary
//! goroutine has. It is a segment like those of
//! [`grow`](super::grow), and a call that suspends keeps it until it returns.
//!
//! Used by the connections of `http`.

use super::grow::Grown;
use super::spare;
use crate::sched::state::m::me;
use crate::sched::state::segment::SegmentBox;
use crate::stack::arena;

/// Runs `body` on a lent stack; on a plain thread it just runs.
#[cfg_attr(not(feature = "http"), allow(dead_code))]
pub(crate) fn on_lent_stack<R>(body: impl FnOnce() -> R) -> R {
    let Some(g) = me() else {
        return body();
    };
    let used = g.own().stack_bytes.get();
    let current = if used == 0 {
        arena::size_of_class(g.class())
    } else {
        g.own().segment_size.get()
    };
    let segment = spare::take().unwrap_or_else(|| SegmentBox::ordinary(*g));
    segment.lend_to(*g);
    Grown::enter_on(g, segment, used + current, true).run(body)
}
