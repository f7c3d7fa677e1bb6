//! Stacks that are made ahead of time, on a thread of the runtime's, while goroutines are started fast.
//!
//! To start a goroutine on a stack that nobody has used before costs more in the kernel than here: the guard, and the
//! page at the top. So once chunks run out one after the other, the [helper](work) has a few ready, touched where
//! goroutines will touch them first. What nobody takes of them goes back to the kernel after a second.

use super::arena::{arena, arena_if_any};
use super::central::{central, chunks_of, guard_chunk};
use super::class::{CHUNK, size_of_class};
use crate::sys::clock::nanotime;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

/// The slots of larger classes are few in a chunk, and their tops are coloured.
const LARGEST: u8 = 4;
/// After so many pages it looks whether there is something else to do.
const PAGES: usize = 8;

/// The class that wants chunks, and one more; 0 = none. Relaxed: nothing else is told by it, and who comes too late to
/// be seen asks again.
static WISH: AtomicU8 = AtomicU8::new(0);
/// Wakes the helper.
static HELPER: OnceLock<fn()> = OnceLock::new();

/// There is a thread that calls [`work`], and `wake` wakes it.
pub(crate) fn have_helper(wake: fn()) {
    let _ = HELPER.set(wake);
}

/// `class` wants chunks.
pub(super) fn ask(class: u8) {
    if class <= LARGEST
        && let Some(wake) = HELPER.get()
        && WISH.swap(class + 1, Ordering::Relaxed) == 0
    {
        wake();
    }
}

/// Is anything to be made?
pub(crate) fn is_wanted() -> bool {
    WISH.load(Ordering::Relaxed) != 0
}

/// Nothing is made now.
pub(crate) fn forget() {
    WISH.store(0, Ordering::Relaxed);
}

/// Makes one chunk, unless there are enough. It is not touched any further if the helper is `needed` elsewhere.
pub(crate) fn work(needed: impl Fn() -> bool) {
    let Some(class) = WISH.load(Ordering::Relaxed).checked_sub(1) else {
        return;
    };
    let made = make(class, needed);
    if !made || !central().has_few(class) {
        forget();
    }
}

/// `false`: there are enough, or the system refuses. Then who needs one tries for himself, and tells if that fails.
fn make(class: u8, needed: impl Fn() -> bool) -> bool {
    let Some(arena) = arena_if_any() else {
        return false;
    };
    let claimed = {
        let mut c = central();
        if !c.has_few(class) {
            return false;
        }
        c.claim(arena, class)
    };
    let Ok(first) = claimed else { return false };
    // Nobody else knows of the chunk: no lock is held while the kernel works.
    let guarded = guard_chunk(arena, class, first).is_ok();
    if guarded {
        touch(class, first, needed);
    }
    let mut c = central();
    if guarded {
        c.adopt(arena, class, first, nanotime());
    } else {
        c.give_chunks(class, first, chunks_of(class));
    }
    guarded
}

/// Touches the top pages of a chunk's slots, which are the caller's.
fn touch(class: u8, first: usize, needed: impl Fn() -> bool) {
    let size = size_of_class(class);
    let chunk = arena().base + first * CHUNK;
    for (i, slot) in (0..CHUNK / size).rev().enumerate() {
        if i.is_multiple_of(PAGES) && needed() {
            return;
        }
        let top = (chunk + (slot + 1) * size - size_of::<u64>()) as *mut u64;
        // SAFETY: in a chunk that is the caller's, above its slots' guards. Zero is what a free slot holds there.
        unsafe { top.write_volatile(0) };
    }
}
