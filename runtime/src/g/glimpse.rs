//! Looking at a goroutine from outside, while it goes on: for dumps and metrics.
//!
//! No thread is asked to hold still. The fields are read one by one, and then we check that the
//! same goroutine was there all the time: its slot's word says that there is one before and after,
//! and the id, which no two goroutines share, is the same. So what was read is of one goroutine,
//! though not of one moment.
//!
//! Between the fields and the second look is an Acquire fence. It pairs with a Release fence in the thread that takes
//! the slot or the seed anew ([`GRef::init`], `seed::Owned::plant`, and `SegmentBox::new` for the segment of a stack),
//! which stands after the slot's word and the id have changed, and before anything else there does: if any of that was
//! read, the second look sees the change.

use super::{G, GRef, Status, WaitReason, flag, seedbed};
use crate::stack::arena::SlotId;
use crate::stack::live;
use std::panic::Location;
use std::sync::atomic::{Ordering, fence};

/// What was seen of a goroutine.
pub(crate) struct Glimpse {
    /// The goroutine, which may be gone by now.
    pub(crate) g: GRef,
    pub(crate) id: u64,
    pub(crate) status: Status,
    pub(crate) reason: WaitReason,
    /// When it began to wait, by sysmon's clock; 0 = unknown.
    pub(crate) wait_since: i64,
    pub(crate) parent: u64,
    pub(crate) created_at: Option<&'static Location<'static>>,
    /// Bound to its thread by `lock_os_thread`.
    pub(crate) locked: bool,
    /// The M that alone may run it now, as an opaque pointer to compare.
    pub(crate) locked_m: *const (),
    flags: u16,
}

impl Glimpse {
    /// The goroutine of a slot; `None` if there is none, or another one by now.
    pub(crate) fn of_slot(slot: SlotId, class: u8) -> Option<Glimpse> {
        let g = GRef::of_slot(slot, class);
        let word = crate::stack::arena::word(slot);
        // Where a goroutine's header would be there may be anything: the slot may be free, a segment,
        // or of another class by now.
        if !word.is_live() || g.slot() != slot || g.class() != class {
            return None;
        }
        let seen = Self::read(g);
        let created_at = g.created_at.load(Ordering::Relaxed);
        // As said above.
        fence(Ordering::Acquire);
        let same = word.is_live() && g.id.load(Ordering::Relaxed) == seen.id;
        same.then(|| seen.of_one(created_at))?
    }

    /// The goroutine of a seed; `None` if it is free, or another one's by now. There is no word: the id is 0 while it
    /// is free.
    pub(crate) fn of_seed(g: GRef) -> Option<Glimpse> {
        // Acquire: pairs with the store in `seed::Owned::plant`: the fields are as they were set since then.
        let id = g.id.load(Ordering::Acquire);
        if id == 0 {
            return None;
        }
        let seen = Glimpse {
            id,
            ..Self::read(g)
        };
        let created_at = g.created_at.load(Ordering::Relaxed);
        // As said above; the fence that it pairs with is in `plant`, too.
        fence(Ordering::Acquire);
        let same = g.id.load(Ordering::Relaxed) == id;
        same.then(|| seen.of_one(created_at))?
    }

    /// What was read is of one goroutine, if it is one.
    fn of_one(self, created_at: *mut Location<'static>) -> Option<Glimpse> {
        if matches!(self.status, Status::Idle | Status::Dead) || self.id == 0 {
            return None;
        }
        // SAFETY: a goroutine's, as is known by now: null, or a `&'static`.
        let created_at = unsafe { created_at.as_ref() };
        Some(Glimpse { created_at, ..self })
    }

    /// Calls `f` with every goroutine. They come and go meanwhile; one that begins may be met twice.
    pub(crate) fn each(mut f: impl FnMut(Glimpse)) {
        // First those that have not begun: if one begins meanwhile it is met later, if not now.
        seedbed::each(|g| {
            if let Some(seen) = Self::of_seed(g) {
                f(seen);
            }
        });
        live::for_each_live(|slot, class| {
            if let Some(seen) = Self::of_slot(slot, class) {
                f(seen);
            }
        });
    }

    fn read(g: GRef) -> Glimpse {
        let header: &G = &g;
        Glimpse {
            g,
            id: header.id.load(Ordering::Relaxed),
            status: header.status(),
            reason: header.reason(),
            wait_since: header.wait_since.load(Ordering::Relaxed),
            parent: header.parent.load(Ordering::Relaxed),
            created_at: None,
            locked: header.lock_count() > 0,
            locked_m: header.locked_m.get(),
            flags: header.flags.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn has(&self, f: u16) -> bool {
        self.flags & f != 0
    }

    /// One of the runtime's own, which is not counted.
    pub(crate) fn is_system(&self) -> bool {
        self.has(flag::SYSTEM)
    }
}
