//! Free slots at hand: what a P keeps so that making a goroutine takes no lock.
//!
//! Two magazines per class: one that is used, and a spare. Only when both are empty, or both full, is
//! one traded with the depot in [`central`](super::central); so a P that makes and ends goroutines in
//! waves does not go there at every wave.

use super::ahead;
use super::arena::arena;
use super::central::{NONE, central};
use super::class::{CLASSES, SlotId};
use super::magazine::Magazine;
use super::room::{self, Room, rooms};
use crate::sys::clock::nanotime;
use std::cell::Cell;
use std::io;

/// Free slots of one class, last in first out: two magazines, so that a full or an empty one is
/// traded whole with the central depot. Owned by one P, or local.
#[derive(Default)]
pub(crate) struct Cache {
    active: Cell<Magazine>,
    spare: Cell<Magazine>,
}

/// Slots in a full magazine of a small class.
const MAGAZINE: u32 = 128;

impl Cache {
    #[inline(always)]
    fn pop(&self) -> SlotId {
        let mut magazine = self.active.get();
        let id = magazine.pop();
        self.active.set(magazine);
        id
    }

    #[inline(always)]
    fn push(&self, id: SlotId) {
        let mut magazine = self.active.get();
        magazine.push(id);
        self.active.set(magazine);
    }

    /// Takes a slot: from the cache, else a magazine from the depot. Its word says `FREE` until a
    /// goroutine moves in; the segments of a grown stack leave it at that.
    #[inline]
    pub(crate) fn take(&self, class: u8) -> io::Result<SlotId> {
        if self.active.get().len == 0 {
            self.reload(class)?;
        }
        Ok(self.pop())
    }

    /// Takes a slot if there is one at hand.
    #[inline]
    pub(super) fn take_at_hand(&self) -> Option<SlotId> {
        if self.active.get().len == 0 {
            if self.spare.get().len == 0 {
                return None;
            }
            self.active.swap(&self.spare);
        }
        Some(self.pop())
    }

    /// Takes a roomy slot from `central`, if there is one left; there is none at hand.
    #[cold]
    #[inline(never)]
    pub(super) fn take_room(&self, room: &Room) -> Option<SlotId> {
        let arena = arena();
        let mut c = central();
        let class = room.class as usize;
        if let Some((full, _)) = c.depot[class].pop() {
            self.active.set(full);
        } else {
            if c.partial[class] == NONE && !c.grow_room(arena, room) {
                room::set_left(room.class, false);
                return None;
            }
            while self.active.get().len < magazine(room.class).div_ceil(4)
                && c.partial[class] != NONE
            {
                self.push(c.grab(room.class));
            }
        }
        Some(self.pop())
    }

    /// The slot that the second [`take`](Self::take) from now will return, if it is at hand.
    #[inline(always)]
    pub(crate) fn peek(&self) -> Option<SlotId> {
        self.active.get().peek()
    }

    /// Puts a slot back.
    ///
    /// # Safety
    /// It is of that class, was the caller's, and is not in use any more.
    #[inline]
    pub(crate) unsafe fn put(&self, class: u8, id: SlotId) {
        if self.active.get().len >= magazine(class) {
            self.unload(class);
        }
        self.push(id);
    }

    #[cold]
    #[inline(never)]
    fn reload(&self, class: u8) -> io::Result<()> {
        self.active.swap(&self.spare);
        if self.active.get().len == 0 {
            self.active.set(refill(class)?);
        }
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn unload(&self, class: u8) {
        self.active.swap(&self.spare);
        if self.active.get().len > 0 {
            let full = self.active.take();
            let now = nanotime();
            let mut c = central();
            c.depot[class as usize].push((full, now));
            room::set_left(class, true);
        }
    }

    /// Gives everything back to the chunks.
    pub(crate) fn flush(&self, class: u8) {
        if self.active.get().len + self.spare.get().len == 0 {
            return;
        }
        let now = nanotime();
        let mut c = central();
        for m in [&self.active, &self.spare] {
            c.sort_in(class, m.take(), now);
        }
    }
}

/// Slots in a full magazine: big ones are not hoarded, except those that ordinary goroutines get
/// ([`room`](super::room)).
#[inline(always)]
fn magazine(class: u8) -> u32 {
    match class {
        0..=3 | 5 => MAGAZINE,
        10 => MAGAZINE / 4,
        4..=8 => 4,
        _ => 1,
    }
}

#[cold]
#[inline(never)]
fn refill(class: u8) -> io::Result<Magazine> {
    let arena = arena();
    let mut c = central();
    if let Some((full, _)) = c.depot[class as usize].pop() {
        return Ok(full);
    }
    // Fresh slots, but no more than a quarter of a magazine: what is never used costs nothing.
    let want = magazine(class).div_ceil(4);
    let mut m = Magazine::default();
    while m.len < want {
        if c.partial[class as usize] == NONE {
            if m.len > 0 {
                break;
            }
            c.grow(arena, class)?;
        }
        m.push(c.grab(class));
    }
    let short = c.is_running_short(class, nanotime());
    drop(c);
    if short {
        ahead::ask(class);
    }
    Ok(m)
}

/// What [`take_ordinary`] would take, if that is at hand: used not long ago, and found without a lock.
#[inline]
pub(crate) fn take_ordinary_at_hand(caches: &[Cache; CLASSES], dense: u8) -> Option<(SlotId, u8)> {
    for room in rooms().iter().filter(|r| r.class > dense) {
        if let Some(slot) = caches[room.class as usize].take_at_hand() {
            return Some((slot, room.class));
        }
        if room::is_left(room.class) {
            return None;
        }
    }
    let slot = caches[dense as usize].take_at_hand()?;
    Some((slot, dense))
}

/// A slot for an ordinary goroutine, with its class: the roomiest that there is; `dense` if there is no roomy
/// one left.
#[inline]
pub(crate) fn take_ordinary(caches: &[Cache; CLASSES], dense: u8) -> io::Result<(SlotId, u8)> {
    for room in rooms().iter().filter(|r| r.class > dense) {
        let class = room.class as usize;
        if let Some(slot) = caches[class].take_at_hand() {
            return Ok((slot, room.class));
        }
        if room::is_left(room.class)
            && let Some(slot) = caches[class].take_room(room)
        {
            return Ok((slot, room.class));
        }
    }
    let slot = caches[dense as usize].take(dense)?;
    Ok((slot, dense))
}
