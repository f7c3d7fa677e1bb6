//! Stack overflow.
//!
//! A plain function has no prologue of ours; when it needs more stack than its goroutine's slot has it touches
//! the guard. The fault handler writes which goroutine that was, and has another thread, whose own stack and
//! locks are sound, write the frames: it looks at a copy of the stack (`sys/walk.rs`), while this one waits.
//! If no answer comes (the code that overflowed may hold the allocator's lock) it writes what it knows by
//! itself: no allocation, no lock, no unwinding here. Faults elsewhere go to the handler that was there before.

use super::{arena, bounds};
use crate::sys::fault;
use crate::sys::walk::Saved;
use std::cell::UnsafeCell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

/// Writes something about the goroutine in a slot, piece by piece.
type Tell = fn(arena::SlotId, u8, &mut dyn FnMut(&[u8]));

/// What the layers above know.
pub(crate) struct Above {
    /// Writes which goroutine's stack a slot is; async-signal-safe.
    pub(crate) head: Tell,
    /// Writes where that goroutine was made; async-signal-safe.
    pub(crate) origin: Tell,
    /// Wakes the thread that writes the frames, and asks [`asked`]; async-signal-safe.
    pub(crate) wake: fn(),
}

static ABOVE: OnceLock<Above> = OnceLock::new();

/// What there is to say of it.
pub(crate) const REMEDY: &[u8] =
    b"\na plain function ran off the end of its stack: end the recursion, mark the recursive function with \
      #[goroutine] so that its stack grows, or give the goroutine more: Builder::new().stack_size(..), \
      GOROUTINES_STACK=1MiB\n";

/// How many of these we wait for the frames.
const NAPS: u32 = 50;
const NAP: Duration = Duration::from_millis(100);

/// A stack that overflowed.
#[derive(Clone, Copy)]
pub(crate) struct Overflow {
    pub(crate) slot: arena::SlotId,
    pub(crate) class: u8,
    pub(crate) at: Saved,
}

struct First(UnsafeCell<Option<Overflow>>);
// SAFETY: written by the one thread that claimed `CLAIMED`, before it says so in `STATE`.
unsafe impl Sync for First {}
static FIRST: First = First(UnsafeCell::new(None));
static CLAIMED: AtomicBool = AtomicBool::new(false);
static STATE: AtomicU32 = AtomicU32::new(NOTHING);
const NOTHING: u32 = 0;
const ASKED: u32 = 1;
const ANSWERED: u32 = 2;

/// Installs the handler; at boot, once.
pub(crate) fn install(above: Above) {
    let _ = ABOVE.set(above);
    fault::install(look);
}

/// For the thread that was woken: is there a stack whose frames are to be written? It then ends the process.
pub(crate) fn asked() -> Option<Overflow> {
    // Acquire: pairs with the store in `look`.
    let asked = STATE.compare_exchange(ASKED, ANSWERED, Ordering::Acquire, Ordering::Relaxed);
    // SAFETY: written before, and not written any more.
    asked.ok().and_then(|_| unsafe { *FIRST.0.get() })
}

fn look(addr: usize, at: Saved) {
    let Some((slot, class)) = arena::slot_at(addr) else {
        return;
    };
    let size = arena::size_of_class(class);
    if addr - arena::slot_base(slot) >= bounds::guard_len(size) {
        return;
    }
    let Some(above) = ABOVE.get() else { return };
    if CLAIMED.swap(true, Ordering::AcqRel) {
        // Another one is being reported, and the process ends with that.
        loop {
            fault::nap(NAP);
        }
    }
    (above.head)(slot, class, &mut |b| fault::write(b));
    // SAFETY: the claim is ours alone.
    unsafe { *FIRST.0.get() = Some(Overflow { slot, class, at }) };
    STATE.store(ASKED, Ordering::Release);
    (above.wake)();
    for _ in 0..NAPS {
        // It ends the process; no thread wakes us.
        fault::nap(NAP);
    }
    (above.origin)(slot, class, &mut |b| fault::write(b));
    fault::write(REMEDY);
    fault::exit(2)
}
