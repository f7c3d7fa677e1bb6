//! The arena: one reservation of address space from which every stack comes.
//!
//! The reservation (1 TiB, less where the process may not have that much) is divided into **chunks**
//! of 16 MiB. A chunk belongs to no size class, or to one; it is then cut into equal **slots**,
//! aligned to their own power-of-two size (a slot of more than 16 MiB takes several chunks). So an
//! address tells its chunk, the chunk its class, and both the slot, by arithmetic alone. Slots are
//! never unmapped. What survives a free slot is in its [`SlotWord`].
//!
//! Which slots are free is known to [`central`](super::central).

pub(crate) use super::bounds::class_for;
pub(crate) use super::class::{CHUNK, CLASSES, DEFAULT_CLASS, SlotId, UNIT, size_of_class};
use super::word::{SlotWord, THREAD_IDS};
use crate::sys::mem;
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

const RESERVE: usize = 1 << 40;
const RESERVE_LEAST: usize = 1 << 30;
/// Alignment of the arena: that of the largest slot.
const ALIGN: usize = UNIT << (CLASSES - 1);
const NO_CLASS: u8 = u8::MAX;

/// See the [module](self).
pub(super) struct Arena {
    /// The lowest address of what was reserved: all stacks lie above.
    low: usize,
    pub(super) base: usize,
    /// How many there can be.
    pub(super) chunks: usize,
    words: usize,
    class_of: &'static [AtomicU8],
}

static ARENA: OnceLock<Arena> = OnceLock::new();
/// Copies of `base` and `words` for the hot paths; set once, before any slot exists.
static BASE: AtomicUsize = AtomicUsize::new(0);
static WORDS: AtomicUsize = AtomicUsize::new(0);

/// The table of words is divided into blocks of this many: the ids that have their upper half in common.
pub(crate) const BLOCK: u32 = 1 << u16::BITS;
/// An ordinary slot has this many units, and so ids.
pub(crate) const STEP: u32 = 1 << DEFAULT_CLASS;
const _: () = assert!(THREAD_IDS.is_multiple_of(BLOCK));

/// Where the word of an id lies. An ordinary slot uses the first of its four ids: in the order of the ids the words in use
/// would be 32 bytes apart. So in each block those of every fourth id stand together, and a goroutine takes eight bytes of
/// the table. (`debug/goroutines-gdb.py` computes the same, with what [`parts`] says.)
#[inline(always)]
fn place_of_word(id: u32) -> u32 {
    let in_block = (id as u16).rotate_right(STEP.ilog2());
    (id & !(BLOCK - 1)) | u32::from(in_block)
}

/// The word of a slot or thread id.
#[inline(always)]
pub(crate) fn word(id: u32) -> &'static SlotWord {
    // SAFETY: the table covers every id handed out, was mapped zeroed (a valid word) before the
    // first one, and is never unmapped. Relaxed: a thread that has an id has it from one that has called `init`
    // before, or has done so itself; whatever brought the id brought the table's address.
    unsafe { &*(WORDS.load(Ordering::Relaxed) as *const SlotWord).add(place_of_word(id) as usize) }
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

/// Bytes of the table of words for `len` bytes of slots.
fn words_len(len: usize) -> usize {
    (THREAD_IDS as usize + len / UNIT).next_multiple_of(BLOCK as usize) * size_of::<SlotWord>()
}

/// The reservation for `len` bytes of slots, and the table of their words.
fn map(len: usize) -> io::Result<(usize, usize)> {
    let raw = mem::reserve(len + ALIGN)?;
    let words = mem::map_lazy(words_len(len)).inspect_err(|_| {
        // SAFETY: just made, and not in use yet.
        unsafe { mem::unmap(raw, len + ALIGN) };
    })?;
    Ok((raw, words))
}

/// Reserves the arena; later calls do nothing.
pub(crate) fn init() -> io::Result<()> {
    if ARENA.get().is_none() {
        reserve()?;
    }
    let arena = ARENA.get().expect("set above");
    // Each caller stores the same, so that each has done so when it goes on. Relaxed: see `word`.
    WORDS.store(arena.words, Ordering::Relaxed);
    BASE.store(arena.base, Ordering::Relaxed);
    Ok(())
}

fn reserve() -> io::Result<()> {
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
    mem::dump(raw, len + ALIGN, false);
    mem::no_huge_pages(words, words_len(len));
    // What a core file has of it: the words of 16 GiB of slots, unless there are more.
    let few = words_len(len.min(16 << 30)).next_multiple_of(mem::page_size());
    if few < words_len(len) {
        mem::set_apart(words + few, words_len(len) - few);
    }
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
    };
    if ARENA.set(arena).is_err() {
        // SAFETY: another thread's arena won; no other thread has ever seen ours.
        unsafe {
            mem::unmap(raw, len + ALIGN);
            mem::unmap(words, words_len(len));
        }
    }
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

/// For a debugger: the first slot, the table of words, the classes of the chunks, and how many those are.
pub(crate) fn parts() -> [usize; 4] {
    let arena = arena();
    let classes = arena.class_of.as_ptr() as usize;
    [arena.base, arena.words, classes, arena.chunks]
}

/// The arena. The runtime has booted.
pub(super) fn arena() -> &'static Arena {
    ARENA.get().expect("the runtime has booted")
}

/// The arena, if the runtime has booted.
pub(super) fn arena_if_any() -> Option<&'static Arena> {
    ARENA.get()
}

impl Arena {
    /// The class to which a chunk belongs.
    pub(super) fn class_of(&self, chunk: usize) -> Option<u8> {
        let class = self.class_of[chunk].load(Ordering::Acquire);
        (class != NO_CLASS).then_some(class)
    }

    /// These chunks belong to `class` from now on, or to none.
    pub(super) fn set_class(&self, chunks: std::ops::Range<usize>, class: Option<u8>) {
        for c in &self.class_of[chunks] {
            c.store(class.unwrap_or(NO_CLASS), Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, place_of_word};

    #[test]
    fn each_id_has_a_place_and_ordinary_slots_stand_together() {
        let mut places: Vec<u32> = (BLOCK..3 * BLOCK).map(place_of_word).collect();
        let ordinary: Vec<u32> = places.iter().copied().step_by(4).take(512).collect();
        assert_eq!(ordinary, (BLOCK..BLOCK + 512).collect::<Vec<_>>());
        places.sort_unstable();
        assert_eq!(places, (BLOCK..3 * BLOCK).collect::<Vec<_>>());
    }
}
