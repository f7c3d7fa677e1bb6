//! Stacks that a thread of the runtime makes ahead of time, while goroutines are started fast.
//!
//! To start a goroutine on a stack that was never used before costs more in the kernel than here: the guard, and the
//! page at the top. So once chunks run out one after the other, the [helper](Helper) has a few ready, touched where
//! goroutines will touch them first. Those that no goroutine takes go back to the kernel after a second.

use super::arena::{arena, arena_if_any};
use super::central::{Central, central, central_if_free, guard_chunk};
use super::class::{CHUNK, size_of_class};
use crate::sys::clock::nanotime;
use crate::sys::mutex::Guard;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

/// The slots of larger classes are few in a chunk, and their tops are coloured.
const LARGEST: u8 = 4;
/// After this many pages it looks whether there is something else to do.
const PAGES: usize = 8;

/// The class that wants chunks, and one more; 0 = none. Relaxed: it publishes nothing else, and a thread that comes
/// too late to be seen asks again.
static WISH: AtomicU8 = AtomicU8::new(0);
/// Wakes the helper.
static HELPER: OnceLock<fn()> = OnceLock::new();

/// There is a thread that calls [`Helper::work`], and `wake` wakes it.
pub(crate) fn have_helper(wake: fn()) {
    if let Some(arena) = arena_if_any() {
        central().expect(arena.chunks);
    }
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

/// Nothing is made now.
fn forget() {
    WISH.store(0, Ordering::Relaxed);
}

/// Makes the chunks. It waits for no lock, and allocates nothing: the thread that holds the lists may wait for the
/// allocator, whose lock a paused goroutine may hold; and it is the helper's thread that sees to that then.
#[derive(Default)]
pub(crate) struct Helper {
    /// Made, and still to be put on the lists.
    made: Option<Made>,
}

struct Made {
    class: u8,
    first: usize,
    /// Else the system has refused, and they are given back.
    guarded: bool,
}

impl Helper {
    /// Is there anything to do?
    pub(crate) fn is_wanted(&self) -> bool {
        self.made.is_some() || WISH.load(Ordering::Relaxed) != 0
    }

    /// Makes one chunk, unless there are enough. It is not touched any further if the helper is `needed` elsewhere.
    /// `false`: nothing is wanted, or others have the lists; later then.
    pub(crate) fn work(&mut self, needed: impl Fn() -> bool) -> bool {
        let Some(arena) = arena_if_any() else {
            return false;
        };
        if self.made.is_none() {
            let Some(class) = WISH.load(Ordering::Relaxed).checked_sub(1) else {
                return false;
            };
            let Some(mut c) = central_soon() else {
                return false;
            };
            // Refused: a thread that needs one tries itself, and tells if that fails.
            let wanted = c.has_few(class) && c.has_more(arena);
            let claimed = wanted.then(|| c.claim(arena, class).ok());
            drop(c);
            let Some(first) = claimed.flatten() else {
                forget();
                return true;
            };
            // No other thread knows of the chunk: no lock is held while the kernel works.
            let guarded = guard_chunk(arena, class, first).is_ok();
            if guarded {
                touch(class, first, needed);
            }
            self.made = Some(Made {
                class,
                first,
                guarded,
            });
        }
        let Some(mut c) = central_soon() else {
            return false;
        };
        if let Some(made) = self.made.take() {
            let Made { class, first, .. } = made;
            if made.guarded {
                c.adopt(arena, class, first, nanotime());
            } else {
                c.give_chunks(class, first);
            }
            if !made.guarded || !c.has_few(class) {
                forget();
            }
        }
        true
    }
}

/// The lists, if they are free within a moment: they are held briefly, unless something is wrong.
fn central_soon() -> Option<Guard<'static, Central>> {
    const TRIES: usize = 100;
    (0..TRIES).find_map(|_| {
        let free = central_if_free();
        if free.is_none() {
            std::thread::yield_now();
        }
        free
    })
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
