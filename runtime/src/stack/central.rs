//! Which slots are free: lists by chunk, and the depot of full magazines.
//!
//! A P caches free slots (last in, first out; [`Cache`](super::cache::Cache)) and trades batches with the lists
//! here, which are kept by chunk: a chunk whose slots are all free for a second is given back to the
//! kernel whole, page tables and all, by [`reclaim`], and may serve another class afterwards.
//!
//! Invariant: a slot is in exactly one place: in use, in one cache, or on its chunk's free list.

use super::arena::{Arena, arena_if_any, word};
use super::class::{CHUNK, CLASSES, SlotId, UNITS_PER_CHUNK, size_of_class};
use super::magazine::Magazine;
use super::room::{self, Room};
use super::word::THREAD_IDS;
use super::{bounds, guard};
use crate::sys::mem;
use crate::sys::mutex::{Guard, Mutex};
use std::io;

/// No slot, no chunk.
pub(super) const NONE: u32 = u32::MAX;

/// Book-keeping of one chunk. A slot of several chunks keeps its books in the first of them.
#[derive(Clone)]
struct Chunk {
    free_head: u32,
    free: u32,
    slots: u32,
    /// Neighbours on the class's list of chunks with a free slot.
    prev: u32,
    next: u32,
    /// When the last slot came back, on the monotonic clock.
    idle_since: i64,
}

/// Hardly any stack needs more. What a large slot has below that is a mapping of its own, for the sake of core files.
const SHALLOW: usize = 1 << 20;

/// Such mappings are made for the first slots only; a process has some 65,000, and guards may need them, too.
const SET_APART: usize = 4096;

/// See the [module](self).
pub(super) struct Central {
    chunks: Vec<Chunk>,
    /// Chunks that have been given back and belong to no class.
    spare: Vec<u32>,
    /// The first chunks of large slots that have been given back; for slots of the same class.
    spare_large: [Vec<u32>; CLASSES],
    /// Roomy slots ever made, given back ones not counted.
    roomy: [usize; CLASSES],
    pub(super) partial: [u32; CLASSES],
    /// How many chunks are on those lists.
    partials: [u32; CLASSES],
    /// When slots were last taken out of them.
    refilled: [i64; CLASSES],
    /// Full magazines that a P gave back, with the time: taken again as they are, or, when they
    /// have lain here for a while, sorted into their chunks by `reclaim`.
    pub(super) depot: [Vec<(Magazine, i64)>; CLASSES],
}

/// How many chunks with free slots there should be while slots run out fast, counting the one in use.
const AHEAD: u32 = 3;
/// They run out fast if a quarter of a magazine, 32, is taken in less than this, in nanoseconds.
const FAST: i64 = 500_000;
/// How many chunks one call makes usable.
const AT_ONCE: usize = 4;

/// How many chunks a slot takes, or one for several slots.
pub(super) fn chunks_of(class: u8) -> usize {
    (size_of_class(class) / CHUNK).max(1)
}

/// Guards the slots of a chunk, which is the caller's. If the system refuses, there are no guards.
pub(super) fn guard_chunk(arena: &Arena, class: u8, first: usize) -> io::Result<()> {
    let addr = arena.base + first * CHUNK;
    let slots = CHUNK.div_ceil(size_of_class(class));
    // SAFETY: the chunks are usable and belong to the caller alone.
    unsafe { guard::install(addr, size_of_class(class), slots) }.inspect_err(|_| {
        // SAFETY: as above; nothing is in use there.
        unsafe { guard::remove(addr, chunks_of(class) * CHUNK) };
    })
}

static CENTRAL: Mutex<Central> = Mutex::new(Central::new());

/// The lists, locked. (No panic can happen while they are locked; if one did, they would still be whole.)
pub(super) fn central() -> Guard<'static, Central> {
    CENTRAL.lock()
}

/// The same, unless another thread has them.
pub(super) fn central_if_free() -> Option<Guard<'static, Central>> {
    CENTRAL.try_lock()
}

impl Central {
    const fn new() -> Central {
        Central {
            chunks: Vec::new(),
            spare: Vec::new(),
            spare_large: [const { Vec::new() }; CLASSES],
            roomy: [0; CLASSES],
            partial: [NONE; CLASSES],
            partials: [0; CLASSES],
            refilled: [0; CLASSES],
            depot: [const { Vec::new() }; CLASSES],
        }
    }

    /// There will be no more chunks than this: their books are not moved later on, and nothing is allocated for
    /// them. (The memory is touched only as they come into use.)
    pub(super) fn expect(&mut self, chunks: usize) {
        self.chunks.reserve_exact(chunks);
        self.spare.reserve_exact(chunks);
    }

    /// How many chunks have ever been in use.
    pub(super) fn made(&self) -> usize {
        self.chunks.len()
    }

    /// Makes roomy slots, if there may be more of them and the system gives us the address space.
    pub(super) fn grow_room(&mut self, arena: &Arena, room: &Room) -> bool {
        let class = room.class as usize;
        let size = size_of_class(room.class);
        // In a small arena (`RLIMIT_AS`) an eighth for each kind.
        let most = room.slots.min(arena.chunks * CHUNK / 8 / size);
        if self.roomy[class] >= most {
            return false;
        }
        let made = if size <= CHUNK || !self.spare_large[class].is_empty() {
            self.grow(arena, room.class).map(|()| (CHUNK / size).max(1))
        } else {
            let n = room.batch.min(most - self.roomy[class]);
            self.grow_many(arena, room.class, n).map(|()| n)
        };
        self.roomy[class] += *made.as_ref().unwrap_or(&0);
        // The system refuses (it may not overcommit memory, say): we never ask again, since less room will do.
        if made.is_err() {
            self.roomy[class] = usize::MAX;
        }
        made.is_ok()
    }

    /// Gives `class`, of large slots, `n` new ones with as few system calls as for one.
    fn grow_many(&mut self, arena: &Arena, class: u8, n: usize) -> io::Result<()> {
        let each = size_of_class(class) / CHUNK;
        let first = self.extend(arena, class, n)?;
        let addr = arena.base + first * CHUNK;
        // SAFETY: the chunks are usable and belong to us alone.
        if let Err(e) = unsafe { guard::install(addr, size_of_class(class), n) } {
            // SAFETY: as above; nothing is in use there.
            unsafe { guard::remove(addr, n * each * CHUNK) };
            self.spare
                .extend((first..first + n * each).map(|i| i as u32));
            return Err(e);
        }
        for i in 0..n {
            self.adopt(arena, class, first + i * each, 0);
        }
        Ok(())
    }

    /// Gives `class` a chunk (or, for a large slot, the chunks of one slot): usable, guarded.
    pub(super) fn grow(&mut self, arena: &Arena, class: u8) -> io::Result<()> {
        let first = self.claim(arena, class)?;
        let guarded = guard_chunk(arena, class, first);
        match guarded {
            Ok(()) => self.adopt(arena, class, first, 0),
            Err(_) => self.give_chunks(class, first),
        }
        guarded
    }

    /// Takes a chunk for `class`, usable but not guarded yet, which is the caller's.
    pub(super) fn claim(&mut self, arena: &Arena, class: u8) -> io::Result<usize> {
        let need = chunks_of(class);
        match self.take_spare(class, need) {
            Some(i) => Ok(i),
            None if need > 1 => self.extend(arena, class, 1),
            None => {
                // One call for several; the others are spare until they are needed.
                let Ok(first) = self.extend(arena, class, AT_ONCE) else {
                    return self.extend(arena, class, 1);
                };
                let others = (first + 1..first + AT_ONCE).rev();
                self.spare.extend(others.map(|i| i as u32));
                Ok(first)
            }
        }
    }

    /// Is there certainly another chunk to claim?
    pub(super) fn has_more(&self, arena: &Arena) -> bool {
        !self.spare.is_empty() || self.chunks.len() + AT_ONCE <= arena.chunks
    }

    /// Slots of `class` are being taken out of its chunks. Does that happen often, and are there few chunks left?
    pub(super) fn is_running_short(&mut self, class: u8, now: i64) -> bool {
        let last = std::mem::replace(&mut self.refilled[class as usize], now);
        now - last < FAST && self.has_few(class)
    }

    /// Has `class` fewer chunks with free slots than are kept ahead?
    pub(super) fn has_few(&self, class: u8) -> bool {
        self.partials[class as usize] < AHEAD
    }

    /// Chunks without an owner, usable and guarded, are `class`'s from now on.
    pub(super) fn adopt(&mut self, arena: &Arena, class: u8, first: usize, now: i64) {
        let need = chunks_of(class);
        let slots = CHUNK.div_ceil(size_of_class(class));
        arena.set_class(first..first + need, Some(class));
        let mut head = 0;
        for i in (0..slots).rev() {
            let id = THREAD_IDS + ((first * UNITS_PER_CHUNK) + (i << class)) as u32;
            word(id).set_free(head);
            head = id;
        }
        self.chunks[first] = Chunk {
            free_head: head,
            free: slots as u32,
            slots: slots as u32,
            prev: NONE,
            next: NONE,
            idle_since: now,
        };
        self.link(class, first as u32);
    }

    /// Takes chunks that were given back: one, or those of a large slot.
    fn take_spare(&mut self, class: u8, need: usize) -> Option<usize> {
        let spare = if need == 1 {
            &mut self.spare
        } else {
            &mut self.spare_large[class as usize]
        };
        spare.pop().map(|i| i as usize)
    }

    /// The chunks have no owner from now on.
    pub(super) fn give_chunks(&mut self, class: u8, first: usize) {
        if chunks_of(class) == 1 {
            self.spare.push(first as u32);
        } else {
            self.spare_large[class as usize].push(first as u32);
        }
    }

    /// Takes fresh chunks, `n` or those of `n` large slots of `class`, from the end of what is in use.
    fn extend(&mut self, arena: &Arena, class: u8, n: usize) -> io::Result<usize> {
        let size = size_of_class(class);
        let each = chunks_of(class);
        let start = self.chunks.len();
        let first = start.next_multiple_of(each);
        let end = first + each * n;
        if end > arena.chunks {
            return Err(io::Error::new(
                io::ErrorKind::OutOfMemory,
                format!(
                    "all {} GiB of reserved stack address space are in use",
                    (arena.chunks * CHUNK) >> 30
                ),
            ));
        }
        let addr = arena.base + start * CHUNK;
        let len = (end - start) * CHUNK;
        if size > CHUNK {
            // Before any thread has touched what is beside it, from which it would be split off as touched.
            let guard = bounds::guard_len(size);
            // (A mapping counts, so that is done for some.)
            let most = SET_APART.saturating_sub(first / each);
            for slot in 0..n.min(most) {
                let slot = arena.base + first * CHUNK + slot * size;
                mem::set_apart(slot + guard, size - guard - SHALLOW);
            }
        }
        // SAFETY: the range is reserved and has never been handed out.
        unsafe { mem::make_usable(addr, len)? };
        mem::dump(addr, len, true);
        mem::no_huge_pages(addr, len);
        self.chunks.resize(
            end,
            Chunk {
                free_head: 0,
                free: 0,
                slots: 0,
                prev: NONE,
                next: NONE,
                idle_since: 0,
            },
        );
        self.spare.extend((start..first).map(|i| i as u32));
        Ok(first)
    }

    /// Takes one free slot of a class that has a partial chunk.
    pub(super) fn grab(&mut self, class: u8) -> SlotId {
        let i = self.partial[class as usize];
        let c = &mut self.chunks[i as usize];
        let id = c.free_head;
        c.free_head = word(id).link();
        c.free -= 1;
        if c.free == 0 {
            self.unlink(class, i);
        }
        id
    }

    /// Takes a magazine's slots back into their chunks.
    pub(super) fn sort_in(&mut self, class: u8, mut m: Magazine, now: i64) {
        while m.len > 0 {
            self.give(class, m.pop(), now);
        }
    }

    /// Takes one slot back.
    fn give(&mut self, class: u8, id: SlotId, now: i64) {
        let unit = (id - THREAD_IDS) as usize;
        let i = (unit / UNITS_PER_CHUNK) as u32;
        let c = &mut self.chunks[i as usize];
        word(id).set_free(c.free_head);
        c.free_head = id;
        c.free += 1;
        c.idle_since = now;
        if c.free == 1 {
            self.link(class, i);
            room::set_left(class, true);
        }
    }

    fn link(&mut self, class: u8, i: u32) {
        self.partials[class as usize] += 1;
        let head = std::mem::replace(&mut self.partial[class as usize], i);
        if head != NONE {
            self.chunks[head as usize].prev = i;
        }
        let c = &mut self.chunks[i as usize];
        c.prev = NONE;
        c.next = head;
    }

    fn unlink(&mut self, class: u8, i: u32) {
        self.partials[class as usize] -= 1;
        let (prev, next) = {
            let c = &self.chunks[i as usize];
            (c.prev, c.next)
        };
        match prev {
            NONE => self.partial[class as usize] = next,
            p => self.chunks[p as usize].next = next,
        }
        if next != NONE {
            self.chunks[next as usize].prev = prev;
        }
    }
}

/// Gives every chunk that has been wholly free since before `before` back to the kernel: pages and
/// page tables. Returns how many bytes of address space that was. Called by sysmon.
pub(crate) fn reclaim(before: i64) -> usize {
    let Some(arena) = arena_if_any() else {
        return 0;
    };
    let mut c = central();
    let mut bytes = 0;
    for class in 0..CLASSES as u8 {
        // The depot is a stack: its oldest magazines come first.
        let depot = &mut c.depot[class as usize];
        let old = depot.partition_point(|(_, since)| *since < before);
        for (m, since) in depot.drain(..old).collect::<Vec<_>>() {
            c.sort_in(class, m, since);
        }
        let mut i = c.partial[class as usize];
        while i != NONE {
            let chunk = &c.chunks[i as usize];
            let next = chunk.next;
            if chunk.free == chunk.slots && chunk.idle_since < before {
                c.unlink(class, i);
                let need = chunks_of(class);
                let addr = arena.base + i as usize * CHUNK;
                arena.set_class(i as usize..i as usize + need, None);
                // SAFETY: every slot of these chunks is free, and they are off every list.
                unsafe {
                    guard::remove(addr, need * CHUNK);
                    mem::discard(addr, need * CHUNK);
                }
                c.give_chunks(class, i as usize);
                let roomy = &mut c.roomy[class as usize];
                if *roomy != usize::MAX {
                    *roomy = roomy.saturating_sub(CHUNK.div_ceil(size_of_class(class)));
                }
                room::set_left(class, true);
                bytes += need * CHUNK;
            }
            i = next;
        }
    }
    bytes
}
