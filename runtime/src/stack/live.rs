//! Looking at all slots from outside.

use super::arena::{arena_if_any, word};
use super::central::central;
use super::class::{CHUNK, SlotId, UNITS_PER_CHUNK, size_of_class};
use super::word::THREAD_IDS;

/// Calls `f` with every slot of class `least` or above that holds a goroutine, until it returns `true`; returns
/// whether it did. The look is from outside: goroutines come and go meanwhile.
pub(crate) fn any_live(least: u8, mut f: impl FnMut(SlotId, u8) -> bool) -> bool {
    let Some(arena) = arena_if_any() else {
        return false;
    };
    let made = central().made();
    let mut chunk = 0;
    while chunk < made {
        let Some(class) = arena.class_of(chunk).filter(|&c| c >= least) else {
            chunk += 1;
            continue;
        };
        let step = (1usize << class).min(UNITS_PER_CHUNK);
        for unit in (0..UNITS_PER_CHUNK).step_by(step) {
            let id = THREAD_IDS + (chunk * UNITS_PER_CHUNK + unit) as u32;
            if word(id).is_live() && f(id, class) {
                return true;
            }
        }
        chunk += (size_of_class(class) / CHUNK).max(1);
    }
    false
}

/// Calls `f` with every slot that holds a goroutine, as [`any_live`].
pub(crate) fn for_each_live(mut f: impl FnMut(SlotId, u8)) {
    any_live(0, |slot, class| {
        f(slot, class);
        false
    });
}

/// Runs `f` while no memory is given back to the kernel, and none is made usable.
pub(crate) fn holding_still<R>(f: impl FnOnce() -> R) -> R {
    let held = central();
    let r = f();
    drop(held);
    r
}
