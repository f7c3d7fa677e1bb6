//! Free slots at hand: what a P keeps so that making a goroutine takes no lock.
//!
//! Two magazines a class: one that is used, and a spare. Only when both are empty, or both full, is
//! one traded with the depot of the [`arena`](super::arena); so a P that makes and ends goroutines in
//! waves does not go there at each turn of the tide.

use super::arena::{NONE, SlotId, arena, central, word};
use super::room::{self, Room};
use std::io;

/// A list of free slots of one class, linked through their words.
#[derive(Clone, Copy, Default)]
pub(super) struct Magazine {
    head: u32,
    pub(super) len: u32,
}

/// Free slots of one class, last in first out: two magazines, so that a full or an empty one is
/// traded whole with the central depot. Owned by one P, or local.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cache {
    active: Magazine,
    spare: Magazine,
}

/// Slots in a full magazine of a small class.
const MAGAZINE: u32 = 128;

impl Cache {
    /// Takes a slot: from the cache, else a magazine from the depot. Its word says `FREE` until a
    /// goroutine moves in; the segments of a grown stack leave it at that.
    #[inline]
    pub(crate) fn take(&mut self, class: u8) -> io::Result<SlotId> {
        if self.active.len == 0 {
            self.reload(class)?;
        }
        Ok(self.active.pop())
    }

    /// Takes a slot if there is one at hand.
    #[inline]
    pub(super) fn take_at_hand(&mut self) -> Option<SlotId> {
        if self.active.len == 0 {
            if self.spare.len == 0 {
                return None;
            }
            std::mem::swap(&mut self.active, &mut self.spare);
        }
        Some(self.active.pop())
    }

    /// Takes a roomy slot from the arena, if there is one left; there is none at hand.
    #[cold]
    #[inline(never)]
    pub(super) fn take_room(&mut self, room: &Room) -> Option<SlotId> {
        let arena = arena();
        let mut c = central(arena);
        let class = room.class as usize;
        if let Some((full, _)) = c.depot[class].pop() {
            self.active = full;
        } else {
            if c.partial[class] == NONE && !c.grow_room(arena, room) {
                room::set_left(room.class, false);
                return None;
            }
            while self.active.len < magazine(room.class).div_ceil(4) && c.partial[class] != NONE {
                self.active.push(c.grab(room.class));
            }
        }
        Some(self.active.pop())
    }

    /// The slot that the third [`take`](Self::take) from now will return, if it is at hand.
    #[inline(always)]
    pub(crate) fn peek(&self) -> Option<SlotId> {
        (self.active.len > 2).then(|| word(word(self.active.head).link()).link())
    }

    /// Puts a slot back. It must be the owner's, not in use any more.
    #[inline]
    pub(crate) fn put(&mut self, class: u8, id: SlotId) {
        if self.active.len >= magazine(class) {
            self.unload(class);
        }
        self.active.push(id);
    }

    #[cold]
    #[inline(never)]
    fn reload(&mut self, class: u8) -> io::Result<()> {
        std::mem::swap(&mut self.active, &mut self.spare);
        if self.active.len == 0 {
            self.active = refill(class)?;
        }
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn unload(&mut self, class: u8) {
        std::mem::swap(&mut self.active, &mut self.spare);
        if self.active.len > 0 {
            let full = std::mem::take(&mut self.active);
            let now = crate::sys::clock::nanotime();
            let mut c = central(arena());
            c.depot[class as usize].push((full, now));
            room::set_left(class, true);
        }
    }

    /// Gives everything back to the chunks.
    pub(crate) fn flush(&mut self, class: u8) {
        if self.active.len + self.spare.len == 0 {
            return;
        }
        let now = crate::sys::clock::nanotime();
        let mut c = central(arena());
        for m in [&mut self.active, &mut self.spare] {
            c.sort_in(class, std::mem::take(m), now);
        }
    }
}

impl Magazine {
    #[inline(always)]
    pub(super) fn push(&mut self, id: SlotId) {
        word(id).set_free(self.head);
        self.head = id;
        self.len += 1;
    }

    #[inline(always)]
    pub(super) fn pop(&mut self) -> SlotId {
        let id = self.head;
        self.head = word(id).link();
        self.len -= 1;
        id
    }
}

/// Slots in a full magazine: big ones are not hoarded, but for those that ordinary goroutines get
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
    let mut c = central(arena);
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
    Ok(m)
}
