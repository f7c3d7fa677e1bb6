//! How much room an ordinary goroutine's stack has: the first ones much, later ones less.
//!
//! Address space costs nothing until it is touched, except for page tables (4 KiB for each 2 MiB in which
//! a page is touched). So while there are few goroutines each gets a slot so large that hardly anything
//! overflows it, whatever it calls; the kernel gives it pages as it goes deeper, and no code of ours runs
//! for that. Only when all of the roomy slots are in use do goroutines get dense ones.

use super::class::{CLASSES, size_of_class};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

/// Slots of one size for ordinary goroutines.
pub(super) struct Room {
    pub(super) class: u8,
    /// How many there may be.
    pub(super) slots: usize,
    /// How many are made at once.
    pub(super) batch: usize,
}

/// 256 slots of 64 MiB, then 2,048 of 2 MiB; 9 MiB of page tables if all are in use. (More of them cost
/// time as well: each is a place of its own in the page tables, and a round over a thousand goroutines
/// then misses twice as many cache lines.)
pub(super) const ROOMS: [Room; 2] = [
    Room {
        class: 10,
        slots: 256,
        batch: 16,
    },
    Room {
        class: 5,
        slots: 2048,
        batch: 16,
    },
];

/// The first of [`ROOMS`] that is not larger than a stack may be.
static FIRST: AtomicU8 = AtomicU8::new(0);

/// Stacks may be this large: later goroutines get no more room (`debug::set_max_stack`).
pub(crate) fn set_most(bytes: usize) {
    let fits = |r: &Room| size_of_class(r.class) <= bytes;
    let first = ROOMS.iter().position(fits).unwrap_or(ROOMS.len());
    FIRST.store(first as u8, Ordering::Relaxed);
}

/// The rooms that may be given out now.
pub(super) fn rooms() -> &'static [Room] {
    &ROOMS[usize::from(FIRST.load(Ordering::Relaxed))..]
}

/// May the arena have more slots of a roomy class? Written under the lock of `central`; read without, to find out
/// whether it is worth taking it.
static LEFT: [AtomicBool; CLASSES] = [const { AtomicBool::new(true) }; CLASSES];

/// There are slots of `class` again, or none any more. Under the lock of `central`.
pub(super) fn set_left(class: u8, left: bool) {
    let flag = &LEFT[class as usize];
    if flag.load(Ordering::Relaxed) != left {
        flag.store(left, Ordering::Relaxed);
    }
}

/// May there be more slots of this class?
#[inline(always)]
pub(super) fn is_left(class: u8) -> bool {
    LEFT[class as usize].load(Ordering::Relaxed)
}
