//! The books about free [`seeds`](super::seed) that no P has.
//!
//! Full lists that came back lie in a queue, newest first for who needs one. Lists that are old, or not full, are sorted
//! into **blocks** of 64 KiB, whole pages whatever their size. A block whose seeds are all free can go back to the kernel,
//! and is **clean** afterwards: it holds nothing but zeros. Nothing here allocates: an allocator may wait for a thread
//! that waits for us.
//!
//! Invariant: a free seed is on one list: a P's, one in the queue, or its block's; or it is in a clean block, or beyond
//! the frontier.

use super::seedlist::{List, number_of};
use std::ops::Range;

/// Seeds in a block, and on a full list.
pub(super) const BLOCK: u32 = 128;
/// The most blocks that there can be.
pub(super) const BLOCKS: usize = 8192;
/// So many are made usable at once, at first: what is never used costs little.
const FEW: u32 = 8;

/// See the [module](self).
pub(super) struct Books {
    /// Full lists with the time when they came back: `queued` of them from `oldest` on, in a ring.
    queue: [(List, i64); BLOCKS],
    oldest: usize,
    queued: usize,
    blocks: [Block; BLOCKS],
    /// Blocks of which some are free; all; and those that are clean.
    some: Link,
    whole: Link,
    clean: Link,
    /// Seeds from here on have never been used, those from `limit` on never will.
    frontier: u32,
    limit: u32,
}

/// A block by its number and one more, or 0.
type Link = u16;

#[derive(Clone, Copy)]
struct Block {
    free: List,
    /// Its neighbours among those of its kind. (Only the blocks of which some are free need the one before.)
    prev: Link,
    next: Link,
}

/// Seeds for a P.
pub(super) enum Taken {
    List(List),
    /// These hold nothing but zeros.
    Fresh(Range<u32>),
}

impl Books {
    pub(super) const fn new() -> Books {
        const NONE: Block = Block {
            free: List::EMPTY,
            prev: 0,
            next: 0,
        };
        Books {
            queue: [(List::EMPTY, 0); BLOCKS],
            oldest: 0,
            queued: 0,
            blocks: [NONE; BLOCKS],
            some: 0,
            whole: 0,
            clean: 0,
            frontier: 0,
            limit: 0,
        }
    }

    /// There are so many seeds, and no more.
    pub(super) fn set_limit(&mut self, limit: u32) {
        self.limit = limit.min(BLOCK * BLOCKS as u32);
    }

    /// Seeds below this may have been used.
    pub(super) fn frontier(&self) -> u32 {
        self.frontier
    }

    /// Takes some: those that were used last, if there are any.
    pub(super) fn take(&mut self) -> Taken {
        if let Some(newest) = self.queued.checked_sub(1) {
            self.queued = newest;
            return Taken::List(self.queue[(self.oldest + newest) % BLOCKS].0);
        }
        if let Some(block) = first(self.some) {
            self.unlink(block);
            return Taken::List(self.take_free(block));
        }
        if let Some(block) = self.take_whole() {
            return Taken::List(self.take_free(block));
        }
        if let Some(block) = first(self.clean) {
            self.clean = self.blocks[block].next;
            let start = block as u32 * BLOCK;
            return Taken::Fresh(start..start + BLOCK);
        }
        // The more there were, the more at once; a block ends where one of these ends.
        let start = self.frontier;
        self.frontier = (start + start.clamp(FEW, BLOCK)).min(self.limit);
        Taken::Fresh(start..self.frontier)
    }

    fn take_free(&mut self, block: usize) -> List {
        std::mem::take(&mut self.blocks[block].free)
    }

    /// Puts a full list back.
    pub(super) fn put(&mut self, full: List, now: i64) {
        debug_assert!(full.len == BLOCK && self.queued < BLOCKS);
        self.queue[(self.oldest + self.queued) % BLOCKS] = (full, now);
        self.queued += 1;
    }

    /// Sorts the list that came back first into its blocks, if that was before `before`.
    pub(super) fn sort_oldest(&mut self, before: i64) -> bool {
        let (list, since) = self.queue[self.oldest];
        if self.queued == 0 || since >= before {
            return false;
        }
        self.oldest = (self.oldest + 1) % BLOCKS;
        self.queued -= 1;
        self.sort_in(list);
        true
    }

    /// Puts a list back that need not be full.
    pub(super) fn sort_in(&mut self, mut list: List) {
        while let Some(free) = list.pop() {
            let seed = free.into_inner();
            let block = (number_of(seed) / BLOCK) as usize;
            // SAFETY: off the one list, on the other.
            let free = unsafe { super::seed::Owned::new(seed) };
            self.blocks[block].free.push(free);
            match self.blocks[block].free.len {
                1 => self.link(block),
                BLOCK => {
                    self.unlink(block);
                    self.blocks[block].next = self.whole;
                    self.whole = link(block);
                }
                _ => {}
            }
        }
    }

    /// Takes a block whose seeds are all free. They are the caller's, as are its pages.
    pub(super) fn take_whole(&mut self) -> Option<usize> {
        let block = first(self.whole)?;
        self.whole = self.blocks[block].next;
        Some(block)
    }

    /// A block that was [taken](Self::take_whole) is clean now.
    pub(super) fn put_clean(&mut self, block: usize) {
        self.blocks[block].free = List::EMPTY;
        self.blocks[block].next = self.clean;
        self.clean = link(block);
    }

    /// Some of the block's seeds are free from now on.
    fn link(&mut self, block: usize) {
        let next = std::mem::replace(&mut self.some, link(block));
        if let Some(next) = first(next) {
            self.blocks[next].prev = link(block);
        }
        self.blocks[block].prev = 0;
        self.blocks[block].next = next;
    }

    fn unlink(&mut self, block: usize) {
        let Block { prev, next, .. } = self.blocks[block];
        match first(prev) {
            None => self.some = next,
            Some(prev) => self.blocks[prev].next = next,
        }
        if let Some(next) = first(next) {
            self.blocks[next].prev = prev;
        }
    }
}

fn first(link: Link) -> Option<usize> {
    usize::from(link).checked_sub(1)
}

fn link(block: usize) -> Link {
    block as Link + 1
}
