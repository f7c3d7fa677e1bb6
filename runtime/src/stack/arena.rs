//! The arena: one reservation of address space from which every stack comes.
//!
//! The reservation (1 TiB, less where the process may not have that much) is divided into **chunks**
//! of 16 MiB. A chunk belongs to no size class, or to one; it is then cut into equal **slots**,
//! aligned to their own power-of-two size (a slot of more than 16 MiB takes several chunks). So an
//! address tells its chunk, the chunk its class, and both the slot, by arithmetic alone. Slots are
//! never unmapped. What survives a free slot is in its [`SlotWord`].
//!
//! A P caches free slots (last in, first out; [`Cache`](super::cache::Cache)) and trades batches with the central lists
//! here, which are kept by chunk: a chunk whose slots are all free for a second is given back to the
//! kernel whole, page tables and all, by [`reclaim`], and may serve another class afterwards.
//!
//! Invariant: a slot is in exactly one place: in use, in one cache, or on its chunk's free list.

use super::cache::Magazine;
use super::guard;
use super::room::{self, Room};
use super::word::{SlotWord, THREAD_IDS};
use crate::sys::mem;
use crate::sys::mutex::{Guard, Mutex};
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// The smallest slot; ids count these.
pub(crate) const UNIT: usize = 64 << 10;
/// The unit of bookkeeping and of giving memory back.
pub(crate) const CHUNK: usize = 16 << 20;
const UNITS_PER_CHUNK: usize = CHUNK / UNIT;
/// Slots of 64 KiB, 128 KiB, .. 512 MiB.
pub(crate) const CLASSES: usize = 14;
/// The class of an ordinary goroutine: 256 KiB.
pub(crate) const DEFAULT_CLASS: u8 = 2;
const RESERVE: usize = 1 << 40;
const RESERVE_LEAST: usize = 1 << 30;
/// Alignment of the arena: that of the largest slot.
const ALIGN: usize = UNIT << (CLASSES - 1);
const NO_CLASS: u8 = u8::MAX;
pub(super) const NONE: u32 = u32::MAX;

/// Names a slot: [`THREAD_IDS`] plus its first unit's index in the arena.
pub(crate) type SlotId = u32;

/// Bytes in a slot of this class.
#[inline(always)]
pub(crate) fn size_of_class(class: u8) -> usize {
    UNIT << class
}

/// The smallest class with at least `bytes`; `None` above 512 MiB.
pub(crate) fn class_for(bytes: usize) -> Option<u8> {
    (0..CLASSES as u8).find(|&c| size_of_class(c) >= bytes)
}

pub(super) struct Arena {
    /// The lowest address of what was reserved: all stacks lie above.
    low: usize,
    base: usize,
    chunks: usize,
    words: usize,
    class_of: &'static [AtomicU8],
    central: Mutex<Central>,
}

static ARENA: OnceLock<Arena> = OnceLock::new();
/// Copies of `base` and `words` for the hot paths; set once, before any slot exists.
static BASE: AtomicUsize = AtomicUsize::new(0);
static WORDS: AtomicUsize = AtomicUsize::new(0);

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

#[derive(Default)]
pub(super) struct Central {
    chunks: Vec<Chunk>,
    /// Chunks that have been given back and belong to no class.
    spare: Vec<u32>,
    /// The first chunks of large slots that have been given back; for slots of the same class.
    spare_large: [Vec<u32>; CLASSES],
    /// Roomy slots ever made, given back ones not counted.
    roomy: [usize; CLASSES],
    pub(super) partial: [u32; CLASSES],
    /// Full magazines that a P gave back, with the time: taken again as they are, or, when they
    /// have lain here for a while, sorted into their chunks by `reclaim`.
    pub(super) depot: [Vec<(Magazine, i64)>; CLASSES],
    /// Slots in use or cached, over all classes; for tests and metrics.
    out: usize,
}

/// The word of a slot or thread id.
#[inline(always)]
pub(crate) fn word(id: u32) -> &'static SlotWord {
    // SAFETY: the table covers every id handed out, was mapped zeroed (a valid word) before the
    // first one, and is never unmapped.
    unsafe { &*(WORDS.load(Ordering::Relaxed) as *const SlotWord).add(id as usize) }
}

/// The lowest address of a slot.
#[inline(always)]
pub(crate) fn slot_base(id: SlotId) -> usize {
    BASE.load(Ordering::Relaxed) + (id - THREAD_IDS) as usize * UNIT
}

/// The slot that contains `addr`, with its class; `None` if the address is not in a stack. Async
/// signal safe.
pub(crate) fn slot_at(addr: usize) -> Option<(SlotId, u8)> {
    let arena = ARENA.get()?;
    let offset = addr.checked_sub(arena.base)?;
    let class = arena.class_of.get(offset / CHUNK)?.load(Ordering::Acquire);
    if class == NO_CLASS {
        return None;
    }
    let unit = (offset & !(size_of_class(class) - 1)) / UNIT;
    Some((THREAD_IDS + unit as u32, class))
}

/// Calls `f` with every slot that holds a goroutine. The look is from outside: they come and go
/// meanwhile.
pub(crate) fn for_each_live(mut f: impl FnMut(SlotId, u8)) {
    let Some(arena) = ARENA.get() else { return };
    let made = central(arena).chunks.len();
    let mut chunk = 0;
    while chunk < made {
        let class = arena.class_of[chunk].load(Ordering::Acquire);
        if class == NO_CLASS {
            chunk += 1;
            continue;
        }
        let step = (1usize << class).min(UNITS_PER_CHUNK);
        for unit in (0..UNITS_PER_CHUNK).step_by(step) {
            let id = THREAD_IDS + (chunk * UNITS_PER_CHUNK + unit) as u32;
            if word(id).is_live() {
                f(id, class);
            }
        }
        chunk += (size_of_class(class) / CHUNK).max(1);
    }
}

/// Is a goroutine in a slot of class `least` or above of which `deep(slot, class)` is true? The look is from
/// outside, as in [`for_each_live`].
pub(crate) fn any_live(least: u8, deep: impl Fn(SlotId, u8) -> bool) -> bool {
    let Some(arena) = ARENA.get() else {
        return false;
    };
    let made = central(arena).chunks.len();
    let mut chunk = 0;
    while chunk < made {
        let class = arena.class_of[chunk].load(Ordering::Acquire);
        if class == NO_CLASS || class < least {
            chunk += 1;
            continue;
        }
        let step = (1usize << class).min(UNITS_PER_CHUNK);
        let ids = (0..UNITS_PER_CHUNK).step_by(step);
        let mut ids = ids.map(|unit| THREAD_IDS + (chunk * UNITS_PER_CHUNK + unit) as u32);
        if ids.any(|id| word(id).is_live() && deep(id, class)) {
            return true;
        }
        chunk += (size_of_class(class) / CHUNK).max(1);
    }
    false
}

/// Runs `f` while no memory is given back to the kernel, and none is made usable.
pub(crate) fn holding_still<R>(f: impl FnOnce() -> R) -> R {
    let held = central(arena());
    let r = f();
    drop(held);
    r
}

/// Bytes of the table of words for `len` bytes of slots.
fn words_len(len: usize) -> usize {
    (THREAD_IDS as usize + len / UNIT) * size_of::<SlotWord>()
}

/// The reservation for `len` bytes of slots, and the table of their words.
fn map(len: usize) -> io::Result<(usize, usize)> {
    let raw = mem::reserve(len + ALIGN)?;
    let words = mem::map_lazy(words_len(len)).inspect_err(|_| {
        // SAFETY: just made, and nobody's.
        unsafe { mem::unmap(raw, len + ALIGN) };
    })?;
    Ok((raw, words))
}

/// Reserves the arena; later calls do nothing.
pub(crate) fn init() -> io::Result<()> {
    if ARENA.get().is_some() {
        return Ok(());
    }
    let mut len = RESERVE;
    let (raw, words) = loop {
        match map(len) {
            Ok(maps) => break maps,
            Err(e) if len <= RESERVE_LEAST => return Err(e),
            Err(_) => len /= 2,
        }
    };
    let base = raw.next_multiple_of(ALIGN);
    let chunks = len / CHUNK;
    mem::no_huge_pages(words, words_len(len));
    let class_of: &'static [AtomicU8] = (0..chunks)
        .map(|_| AtomicU8::new(NO_CLASS))
        .collect::<Vec<_>>()
        .leak();
    let arena = Arena {
        low: raw.min(words),
        base,
        chunks,
        words,
        class_of,
        central: Mutex::new(Central {
            partial: [NONE; CLASSES],
            ..Central::default()
        }),
    };
    if let Err(late) = ARENA.set(arena) {
        // SAFETY: another thread's arena won; ours was never seen by anybody.
        unsafe {
            mem::unmap(raw, len + ALIGN);
            mem::unmap(words, words_len(len));
        }
        drop(late);
    }
    let arena = ARENA.get().expect("set above");
    WORDS.store(arena.words, Ordering::Relaxed);
    BASE.store(arena.base, Ordering::Release);
    Ok(())
}

/// The lowest address of the reservation and of the table beside it.
pub(crate) fn low() -> usize {
    arena().low
}

/// Bytes of slots that there can be.
pub(crate) fn len() -> usize {
    arena().chunks * CHUNK
}

pub(super) fn arena() -> &'static Arena {
    ARENA.get().expect("the runtime has booted")
}

pub(super) fn central(a: &Arena) -> Guard<'_, Central> {
    // A panic cannot happen while it is held; if one did, the lists are still whole.
    a.central.lock()
}

impl Central {
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
        // Refused (memory may not be overcommitted, say): never asked for again, less room does as well.
        if made.is_err() {
            self.roomy[class] = usize::MAX;
        }
        made.is_ok()
    }

    /// Gives `class`, of large slots, `n` new ones with as few system calls as for one.
    fn grow_many(&mut self, arena: &Arena, class: u8, n: usize) -> io::Result<()> {
        let each = size_of_class(class) / CHUNK;
        let first = self.extend(arena, each * n)?;
        let addr = arena.base + first * CHUNK;
        // SAFETY: the chunks are usable and belong to nobody but us.
        if let Err(e) = unsafe { guard::install(addr, size_of_class(class), n) } {
            // SAFETY: as above; nothing is in use there.
            unsafe { guard::remove(addr, n * each * CHUNK) };
            self.spare
                .extend((first..first + n * each).map(|i| i as u32));
            return Err(e);
        }
        for i in 0..n {
            self.adopt(arena, class, first + i * each);
        }
        Ok(())
    }

    /// Gives `class` a chunk (or, for a large slot, the chunks of one slot): usable, guarded.
    pub(super) fn grow(&mut self, arena: &Arena, class: u8) -> io::Result<()> {
        let need = (size_of_class(class) / CHUNK).max(1);
        let first = match self.take_spare(class, need) {
            Some(i) => i,
            None => self.extend(arena, need)?,
        };
        let addr = arena.base + first * CHUNK;
        let slots = CHUNK.div_ceil(size_of_class(class));
        // SAFETY: the chunks are usable and belong to nobody but us.
        if let Err(e) = unsafe { guard::install(addr, size_of_class(class), slots) } {
            // SAFETY: as above; nothing is in use there.
            unsafe { guard::remove(addr, need * CHUNK) };
            self.give_chunks(class, first, need);
            return Err(e);
        }
        self.adopt(arena, class, first);
        Ok(())
    }

    /// Chunks that belong to nobody, usable and guarded, are `class`'s from now on.
    fn adopt(&mut self, arena: &Arena, class: u8, first: usize) {
        let need = (size_of_class(class) / CHUNK).max(1);
        let slots = CHUNK.div_ceil(size_of_class(class));
        for c in &arena.class_of[first..first + need] {
            c.store(class, Ordering::Release);
        }
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
            idle_since: 0,
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

    /// Chunks belong to nobody from now on.
    fn give_chunks(&mut self, class: u8, first: usize, need: usize) {
        if need == 1 {
            self.spare.push(first as u32);
        } else {
            self.spare_large[class as usize].push(first as u32);
        }
    }

    /// Takes `need` fresh chunks, aligned to their number, from the end of what is in use.
    fn extend(&mut self, arena: &Arena, need: usize) -> io::Result<usize> {
        let start = self.chunks.len();
        let first = start.next_multiple_of(need);
        let end = first + need;
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
        // SAFETY: the range is reserved and has never been handed out.
        unsafe { mem::make_usable(addr, len)? };
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
        self.out += 1;
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
        self.out -= 1;
        if c.free == 1 {
            self.link(class, i);
            room::set_left(class, true);
        }
    }

    fn link(&mut self, class: u8, i: u32) {
        let head = std::mem::replace(&mut self.partial[class as usize], i);
        if head != NONE {
            self.chunks[head as usize].prev = i;
        }
        let c = &mut self.chunks[i as usize];
        c.prev = NONE;
        c.next = head;
    }

    fn unlink(&mut self, class: u8, i: u32) {
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
    let Some(arena) = ARENA.get() else { return 0 };
    let mut c = central(arena);
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
                let need = (size_of_class(class) / CHUNK).max(1);
                let addr = arena.base + i as usize * CHUNK;
                for k in &arena.class_of[i as usize..i as usize + need] {
                    k.store(NO_CLASS, Ordering::Release);
                }
                // SAFETY: every slot of these chunks is free, and they are off every list.
                unsafe {
                    guard::remove(addr, need * CHUNK);
                    mem::discard(addr, need * CHUNK);
                }
                c.give_chunks(class, i as usize, need);
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

#[cfg(test)]
mod tests {
    use super::super::cache::Cache;
    use super::*;

    #[test]
    fn classes_are_powers_of_two() {
        assert_eq!(class_for(1), Some(0));
        assert_eq!(class_for(64 << 10), Some(0));
        assert_eq!(class_for((64 << 10) + 1), Some(1));
        assert_eq!(class_for(256 << 10), Some(DEFAULT_CLASS));
        assert_eq!(class_for(512 << 20), Some(13));
        assert_eq!(class_for((512 << 20) + 1), None);
    }

    #[test]
    fn an_address_tells_its_slot() {
        init().unwrap();
        for class in [0, 2, 8, 9, 10] {
            let mut cache = Cache::default();
            let id = cache.take(class).unwrap();
            let base = slot_base(id);
            assert_eq!(base % size_of_class(class), 0, "aligned to its size");
            for addr in [base, base + 12345, base + size_of_class(class) - 1] {
                assert_eq!(slot_at(addr), Some((id, class)));
            }
            let seen = || {
                let mut seen = false;
                for_each_live(|i, c| seen |= (i, c) == (id, class));
                seen
            };
            assert!(!seen(), "nobody has moved in");
            word(id).set_live();
            assert!(seen());
            cache.put(class, id);
            cache.flush(class);
        }
        assert_eq!(slot_at(8), None);
    }

    #[test]
    fn slots_are_distinct_recycled_last_in_first_out_and_writable() {
        init().unwrap();
        let mut cache = Cache::default();
        let ids: Vec<_> = (0..1000).map(|_| cache.take(1).unwrap()).collect();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), 1000);
        for &id in &ids {
            let top = (slot_base(id) + size_of_class(1) - 8) as *mut u64;
            // SAFETY: the top word of a slot that we hold.
            unsafe { top.write(u64::from(id)) };
        }
        for &id in &ids {
            cache.put(1, id);
        }
        assert_eq!(cache.take(1).unwrap(), ids[999]);
        cache.put(1, ids[999]);
        cache.flush(1);
    }

    #[test]
    fn the_chunks_of_a_large_slot_serve_again() {
        init().unwrap();
        let class = class_for(64 << 20).unwrap();
        let made = || central(arena()).chunks.len();
        let use_one = || {
            let mut cache = Cache::default();
            let id = cache.take(class).unwrap();
            cache.put(class, id);
            cache.flush(class);
            assert!(reclaim(i64::MAX) >= 64 << 20);
        };
        use_one();
        let before = made();
        (0..50).for_each(|_| use_one());
        // Other tests take chunks meanwhile, but not as many as fifty such slots.
        assert!(made() < before + 100, "{before} -> {}", made());
    }

    #[test]
    fn a_wholly_free_chunk_goes_back_and_reads_as_zero() {
        init().unwrap();
        let class = 3;
        let mut cache = Cache::default();
        let id = cache.take(class).unwrap();
        let top = (slot_base(id) + size_of_class(class) - 8) as *mut u64;
        // SAFETY: the top word of a slot that we hold.
        unsafe { top.write(7) };
        cache.put(class, id);
        cache.flush(class);
        assert!(reclaim(i64::MAX) >= CHUNK);
        let again: Vec<_> = (0..64).map(|_| cache.take(class).unwrap()).collect();
        for id in again {
            let top = (slot_base(id) + size_of_class(class) - 8) as *mut u64;
            // SAFETY: as above.
            assert_eq!(unsafe { top.read() }, 0);
            cache.put(class, id);
        }
        cache.flush(class);
    }
}
