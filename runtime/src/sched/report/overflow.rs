//! What is reported of a goroutine that has overflowed its stack.

use super::traceback::{created_own, frames, named};
use crate::g::{GRef, flag};
use crate::sched::state::level::Level;
use crate::sched::state::segment;
use crate::stack::overflow::{self, Overflow};
use crate::stack::{arena, bounds, guard};
use crate::sys::fault;
use crate::sys::walk::Copy;
use std::fmt::Write;
use std::sync::atomic::Ordering;

/// Which goroutine's stack has run into its guard, in Go's words. Async-signal-safe: no allocation, no lock.
pub(crate) fn head(slot: arena::SlotId, class: u8, write: &mut dyn FnMut(&[u8])) {
    write(b"runtime: goroutine stack exceeds ");
    number(arena::size_of_class(class) as u64, write);
    write(b"-byte limit\nfatal error: stack overflow\n\ngoroutine ");
    number(owner(slot, class).id.load(Ordering::Relaxed), write);
    write(b" [running]:\n");
}

/// A slot is a goroutine's own or a segment of one: each has its owner at the top.
fn owner(slot: arena::SlotId, class: u8) -> GRef {
    segment::segment_owner(slot, class).unwrap_or(GRef::of_slot(slot, class))
}

/// Where that goroutine was made, likewise.
pub(crate) fn origin(slot: arena::SlotId, class: u8, write: &mut dyn FnMut(&[u8])) {
    let g = owner(slot, class);
    if let Some(at) = g.created_at().filter(|_| !g.has(flag::MAIN)) {
        write(b"created at\n\t");
        write(at.file().as_bytes());
        write(b":");
        number(u64::from(at.line()), write);
        write(b"\n");
    }
}

/// On another thread: the first frames of the overflowed stack, and the end of the process.
pub(crate) fn report(o: Overflow) -> ! {
    /// How many lines are shown, two per frame.
    const LINES: usize = 20;
    let g = owner(o.slot, o.class);
    let mut out = String::new();
    if g.has(flag::NAMED) {
        named(&mut out, g.id.load(Ordering::Relaxed));
    }
    let level = Level::from_env();
    if level > Level::None
        && let Some(mut copy) = Copy::new()
    {
        let base = arena::slot_base(o.slot);
        let size = arena::size_of_class(o.class);
        let top = match segment::segment_owner(o.slot, o.class) {
            Some(_) => segment::segment_bounds(o.slot, o.class).1,
            None => g.as_ptr() as usize,
        };
        if (base..top).contains(&o.at.sp()) {
            // SAFETY: the goroutine stands still in its handler, so the slot is its alone; its stack pointer may
            // be inside the guard, which is not needed any more. Then the slot is readable.
            let trace = unsafe {
                guard::remove(base, bounds::guard_len(size));
                copy.fill(o.at.sp(), top);
                (copy.cut() || copy.is_part(o.at.sp(), top)).then(|| copy.backtrace(o.at))
            };
            let mut all = String::new();
            if let Some(trace) = trace {
                frames(&mut all, &trace, level);
            }
            for line in all.lines().take(LINES) {
                let _ = writeln!(out, "{line}");
            }
            if all.lines().count() > LINES {
                out.push_str("...additional frames elided...\n");
            }
        }
    }
    created_own(&mut out, g);
    fault::write(out.as_bytes());
    fault::write(overflow::REMEDY);
    fault::exit(2)
}

fn number(mut n: u64, write: &mut dyn FnMut(&[u8])) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    write(&digits[at..]);
}
