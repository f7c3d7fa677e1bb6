//! Growing stacks: Go's `morestack`, for `#[goroutine]` functions.
//!
//! Such a function begins with one compare of the stack pointer against the M's `stackguard`. If that is below it, the
//! function's body runs on the next **segment**: a larger slot of the arena, which `on_stack` enters and which is left
//! when the body returns. Each segment begins, at its top, with its owner G. It goes back to the arena as the depth
//! shrinks; only the last one used is kept on the G, if it is small.

use super::spare;
use crate::g::Me;
use crate::g::coro::{Segment, on_stack};
use crate::sched::state::fatal;
use crate::sched::state::level::Who;
use crate::sched::state::m::{M, me};
use crate::sched::state::segment::SegmentBox;
use crate::sched::wake::preempt;
use crate::stack::arena::{self};
use crate::stack::{bounds, room};
use crate::sys::arch::stack_pointer;
use crate::sys::walk::ROOT;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The least stack that is free when the body of a `#[goroutine]` function starts, for its frame and
/// for the functions that it calls and that are not marked: 16 KiB.
pub const RED_ZONE: usize = 16 << 10;

/// A larger segment is not kept.
const MOST_KEPT: usize = 1 << 20;

/// Go's limit: 1,000,000,000 bytes.
static MAX_STACK: AtomicUsize = AtomicUsize::new(1_000_000_000);

/// `debug::set_max_stack`; returns the old limit.
///
/// Goroutines that start from now on get no slot that is larger. The caller's slot may be: then it meets the
/// limit at the next marked function beyond it.
pub(crate) fn set_max_stack(bytes: usize) -> usize {
    room::set_most(bytes);
    if let Some(g) = me()
        && g.own().stack_bytes.get() == 0
        && arena::size_of_class(g.class()) > bytes
    {
        set_guard(g, (g.as_ptr() as usize).saturating_sub(bytes));
    }
    MAX_STACK.swap(bytes, Ordering::Relaxed)
}

/// The prologue of a `#[goroutine]` function: runs `body` with at least `need` bytes of stack (at
/// least [`RED_ZONE`] if that is more) below the call.
#[inline(always)]
pub(crate) fn prologue<R>(need: usize, body: impl FnOnce() -> R) -> R {
    if let Some(m) = M::current() {
        // The guard lies `margin` above the real end; a function that needs more says so.
        let sp = stack_pointer().wrapping_sub(need);
        if m.is_below_guard(sp) || sp > stack_pointer() {
            return more(need, body);
        }
    }
    call(body)
}

/// Keeps the body's frame out of the function that checks: LLVM allocates a function's whole frame at
/// its entry.
#[inline(never)]
fn call<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// Below the guard: a request to give way, or the end of the segment, or both.
#[cold]
#[inline(never)]
fn more<R>(need: usize, body: impl FnOnce() -> R) -> R {
    let Some(g) = me() else {
        return body();
    };
    if M::current().is_some_and(M::is_asked) {
        preempt::implicit_point();
    }
    if stack_pointer().wrapping_sub(need) >= g.stackguard.load(Ordering::Relaxed) {
        return call(body);
    }
    Grown::enter(g, need).run(body)
}

/// The first frame on a segment: a walk of the stack from outside sees its end here.
#[inline(never)]
fn marked<R>(body: impl FnOnce() -> R) -> R {
    let root = std::hint::black_box(ROOT);
    let r = call(body);
    std::hint::black_box(&root);
    r
}

/// Being on a further segment; leaves it when dropped, also by a panic.
pub(super) struct Grown {
    g: Me,
    /// There until it is dropped.
    segment: Option<SegmentBox>,
    old_guard: usize,
    size: usize,
    /// From [`spare`], and back there.
    lent: bool,
}

impl Grown {
    fn enter(g: Me, need: usize) -> Grown {
        let used = g.own().stack_bytes.get();
        let current = if used == 0 {
            arena::size_of_class(g.class())
        } else {
            g.own().segment_size.get()
        };
        let limit = MAX_STACK.load(Ordering::Relaxed);
        let want = (current * 2).max((need * 2).next_power_of_two());
        let want = want.min(arena::size_of_class(arena::CLASSES as u8 - 1));
        let total = used + current;
        if total + want > limit.max(RED_ZONE) && total * 2 > limit || need > want / 2 {
            overflow(g, limit);
        }
        Self::enter_on(g, take(g, want), total, false)
    }

    /// Goes on to a segment, with `total` bytes of stack before it.
    pub(super) fn enter_on(g: Me, segment: SegmentBox, total: usize, lent: bool) -> Grown {
        let (size, limit) = (segment.size(), segment.limit());
        let grown = Grown {
            g,
            segment: Some(segment),
            old_guard: g.stackguard.load(Ordering::Relaxed),
            size: g.own().segment_size.replace(size),
            lent,
        };
        g.own().stack_bytes.set(total);
        set_guard(g, limit + bounds::margin(size));
        grown
    }

    /// Runs `body` there.
    pub(super) fn run<R>(self, body: impl FnOnce() -> R) -> R {
        let segment = self.segment.as_ref().expect("there until it is dropped");
        let (limit, base) = segment.range();
        // SAFETY: the part below the header, which is ours until we are dropped, after the call.
        unsafe { on_stack(&Segment { base, limit }, || marked(body)) }
    }
}

impl Drop for Grown {
    fn drop(&mut self) {
        let g = self.g;
        g.own().segment_size.set(self.size);
        let below = if self.size == 0 {
            arena::size_of_class(g.class())
        } else {
            self.size
        };
        g.own().stack_bytes.set(g.own().stack_bytes.get() - below);
        set_guard(g, self.old_guard);
        let segment = self.segment.take().expect("there until it is dropped");
        if self.lent {
            return spare::give(segment);
        }
        // What a recursion needed goes back as it returns. One is kept, if it is small, for calls that go back and
        // forth over this edge: a new one costs little to take, but a large one that is kept may hold much memory.
        free_kept(g);
        if segment.size() > MOST_KEPT {
            segment.give_back();
        } else {
            g.own().kept.set(segment.into_raw());
        }
    }
}

/// The guard of the segment that is current from now on. A request that is pending stays pending.
fn set_guard(g: Me, guard: usize) {
    g.stackguard.store(guard, Ordering::Relaxed);
    if let Some(m) = M::current() {
        m.guard_moves(guard);
    }
}

/// A segment of at least `want` bytes: the one kept on the G, or a new one.
fn take(g: Me, want: usize) -> SegmentBox {
    match take_kept(g) {
        Some(kept) if kept.size() >= want => kept,
        other => {
            g.own()
                .kept
                .set(other.map_or(ptr::null_mut(), SegmentBox::into_raw));
            SegmentBox::of_at_least(*g, want)
        }
    }
}

fn take_kept(g: Me) -> Option<SegmentBox> {
    // SAFETY: null, or put there below or when it was left last.
    unsafe { SegmentBox::from_raw(g.own().kept.replace(ptr::null_mut())) }
}

/// Gives the kept segment back; also at the goroutine's end.
pub(crate) fn free_kept(g: Me) {
    if let Some(kept) = take_kept(g) {
        kept.give_back();
    }
}

/// Go's fatal error, in Go's words.
#[cold]
fn overflow(g: Me, limit: usize) -> ! {
    let sp = stack_pointer();
    let (low, high) = match arena::slot_at(sp) {
        Some((slot, class)) => (
            arena::slot_base(slot),
            arena::slot_base(slot) + arena::size_of_class(class),
        ),
        None => (0, 0),
    };
    let _ = g;
    fatal::die(
        &format!(
            "runtime: goroutine stack exceeds {limit}-byte limit\n\
             runtime: sp={sp:#x} stack=[{low:#x}, {high:#x}]\n\
             fatal error: stack overflow\n"
        ),
        Who::CurrentBriefly,
    )
}
