//! What `debug/goroutines-gdb.py` needs to find goroutines in a process or a core file: where things lie, as numbers in
//! a static variable. This way it works without debug information, as long as the program has its symbols.

use crate::g::wait_reason::TEXTS;
use crate::g::{flag, gref, header, seedbed};
use crate::sched::state::m;
use crate::stack::arena;
use crate::stack::word::THREAD_IDS;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The order is the script's.
#[repr(C)]
struct Layout {
    /// Of this table.
    version: usize,
    /// The arena: its first slot, the table of words, the classes of its chunks, and how many those are. 0 before there
    /// are goroutines.
    arena: [AtomicUsize; 4],
    /// The smallest slot, a chunk, and the id of the first slot; how many words are in a block of their table, and how many
    /// ids an ordinary slot has.
    slots: [usize; 5],
    /// How far below a slot's top its `G` ends.
    colours: [usize; 5],
    /// A `G`: its size and its alignment, and where in it are id, parent, status, reason, flags, the note of where it parked, slot, class,
    /// `created_at`.
    g: [usize; 11],
    /// Where it is noted where the seeds begin, and how many may be in use; and the size of one.
    seeds: seedbed::Parts,
    /// Where the first M is noted, and where in an M are the next one, its goroutine, its thread's number.
    first_m: *const (),
    m: [usize; 3],
    /// The flag of a goroutine that is not shown.
    system: usize,
    /// The words for reasons to wait: texts, and how many.
    reasons: (*const &'static str, usize),
}

// SAFETY: numbers, and pointers to what is static.
unsafe impl Sync for Layout {}

#[used]
#[unsafe(no_mangle)]
static GOROUTINES_GDB_V0: Layout = Layout {
    version: 4,
    arena: [const { AtomicUsize::new(0) }; 4],
    slots: [
        arena::UNIT,
        arena::CHUNK,
        THREAD_IDS as usize,
        arena::BLOCK as usize,
        arena::STEP as usize,
    ],
    colours: gref::COLOURING,
    g: header::LAYOUT,
    seeds: seedbed::PARTS,
    first_m: m::FIRST_OF_ALL,
    m: m::LAYOUT,
    system: flag::SYSTEM as usize,
    reasons: (TEXTS.as_ptr(), TEXTS.len()),
};

/// Once the arena is there.
pub(crate) fn init() {
    for (to, from) in GOROUTINES_GDB_V0.arena.iter().zip(arena::parts()) {
        to.store(from, Ordering::Relaxed);
    }
}
