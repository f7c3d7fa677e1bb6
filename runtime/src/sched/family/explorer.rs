//! Which goroutine is next, where they run one at a time and a seed decides (`testing::explore`).
//!
//! The list of those that could run, in the order in which they came, and one generator for every
//! choice: as long as the program does the same, the same seed gives the same schedule. Belongs to a
//! [`Bubble`](super::bubble::Bubble), under its lock.

use crate::sched::state::runnable::Runnable;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(super) struct Explorer {
    seed: u64,
    state: u64,
    /// The goroutines that could run.
    ready: Vec<Runnable>,
    /// One of them has its turn.
    busy: bool,
}

/// How many there are. Kept so that goroutines that have nothing to do with exploring pay one load.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// Does any bubble explore?
#[inline(always)]
pub(super) fn running() -> bool {
    RUNNING.load(Ordering::Relaxed) != 0
}

impl Explorer {
    pub(super) fn new(seed: u64) -> Self {
        RUNNING.fetch_add(1, Ordering::Relaxed);
        Explorer {
            seed,
            state: seed,
            ready: Vec::new(),
            busy: false,
        }
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// splitmix64: every seed is as good as any other.
    pub(super) fn random(&mut self) -> u32 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 32) as u32
    }

    /// Should the goroutine that has its turn give way, where it need not? If another could run: one time in four. (If
    /// it were more often, long runs in a row, which some mistakes need, would become rare.)
    pub(super) fn preempts(&mut self) -> bool {
        !self.ready.is_empty() && self.random().is_multiple_of(4)
    }

    pub(super) fn keep_back(&mut self, g: Runnable) {
        self.ready.push(g);
    }

    /// Draws the goroutine that has the next turn, if no goroutine has one now.
    pub(super) fn choose(&mut self) -> Option<Runnable> {
        if self.busy || self.ready.is_empty() {
            return None;
        }
        self.busy = true;
        let at = self.random() as usize % self.ready.len();
        Some(self.ready.remove(at))
    }

    /// A goroutine that was not in the list has its turn.
    pub(super) fn begin(&mut self) {
        self.busy = true;
    }

    /// The turn is over.
    pub(super) fn end(&mut self) {
        self.busy = false;
    }
}

impl Drop for Explorer {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::Relaxed);
    }
}
