//! The header of a goroutine, at the top of its own slot.
//!
//! ```text
//!  slot top ── colour: 0..15 times 64 bytes, from the slot's number, so that the hot lines of
//!              different goroutines fall into different cache sets
//!              G          this header
//!              closure    until the goroutine starts
//!              stack      grows down
//!              guard
//!  slot base
//! ```
//!
//! Life: [`Status::Idle`] (slot free) → `Runnable` ⇄ `Running` → `Waiting` → `Runnable` .. → `Dead`.
//! **Who owns a G** is not in the status, which only serves dumps: a runnable G belongs to the queue
//! or variable that holds it, a running one to the M that runs it, a waiting one to whoever may wake
//! it (the lock of the channel whose queue holds its waiter, or the one CAS on its slot word).
//! The fields that are not atomic are reached by `unsafe` methods, for the owner, or by the goroutine itself, whose
//! proof is a [`Me`](super::me::Me). Of the atomics, those that only the owner writes are so with the cheapest order: a
//! plain load or store.

use super::coro::Coro;
use super::flag;
use super::me::Own;
use super::status::Status;
use super::wait_reason::WaitReason;
use crate::stack::arena::{self, SlotId};
use crate::stack::bounds;
use crate::stack::word::SlotWord;
use crate::sys::spin::SpinMutex;
use crate::sys::walk::Saved;
use std::any::Any;
use std::panic::Location;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicI64, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};

/// A goroutine. See the [module](self).
///
/// Two cache lines are all that a short life touches: making one, running it, burying it.
#[repr(C, align(64))]
pub(crate) struct G {
    /// Where the stack must grow: the M's `stackguard` while this goroutine runs. Always about the
    /// *current* segment.
    pub(crate) stackguard: AtomicUsize,
    /// The coroutine.
    pub(crate) coro: Coro,
    /// The id of the goroutine that made it.
    pub(crate) parent: AtomicU64,
    // ---- second line
    /// Before it has begun: what runs the closure, an `unsafe fn(*mut u8)`. Afterwards: where it left its stack
    /// when it parked last, a `*const Saved` in the frame that it left.
    pub(super) entry: AtomicUsize,
    closure: AtomicPtr<u8>,
    pub(crate) id: AtomicU64,
    pub(super) created_at: AtomicPtr<Location<'static>>,
    /// The M that alone may run this G, if there is one.
    pub(crate) locked_m: MName,
    /// When it began to wait, by sysmon's coarse clock; 0 = unknown.
    pub(crate) wait_since: AtomicI64,
    pub(super) slot: AtomicU32,
    pub(super) status: AtomicU8,
    pub(super) reason: AtomicU8,
    /// The size class of the slot.
    pub(super) class: AtomicU8,
    pub(crate) flags: AtomicU16,
    /// The origin that it was started for (`sched::origin`); 0 = none.
    pub(crate) origin: AtomicU32,
    // ---- seldom used
    cold: Cold,
}

/// The watcher of a goroutine, as it is known here.
pub(crate) type Watch = Arc<dyn Any + Send + Sync>;

/// A word that names a goroutine, or none. (Read and written in [`gref`](super::gref).)
#[derive(Default)]
#[repr(transparent)]
pub(crate) struct GWord(pub(super) AtomicPtr<G>);

impl GWord {
    /// None.
    pub(crate) const fn none() -> Self {
        GWord(AtomicPtr::new(ptr::null_mut()))
    }
}

/// A word that names an M, or none. What that is is known above us: here it is an address.
#[derive(Default)]
#[repr(transparent)]
pub(crate) struct MName(AtomicPtr<()>);

impl MName {
    #[inline(always)]
    pub(crate) fn get(&self) -> *mut () {
        self.0.load(Ordering::Relaxed)
    }

    /// # Safety
    /// The address of an M, of which none is ever freed.
    #[inline(always)]
    pub(crate) unsafe fn set(&self, m: *mut ()) {
        self.store(m);
    }

    #[inline(always)]
    fn store(&self, m: *mut ()) {
        self.0.store(m, Ordering::Relaxed);
    }

    /// None.
    #[inline(always)]
    pub(super) fn clear(&self) {
        self.store(ptr::null_mut());
    }
}

/// What most goroutines never use. All zero unless [`flag::COLD`] is set, also while the slot is free:
/// so a new goroutine need not touch it.
#[derive(Default)]
#[repr(align(64))]
pub(crate) struct Cold {
    /// How often `lock_os_thread` was called.
    pub(crate) lock_count: AtomicU32,
    /// The M that it stays with, and who was posted there after it (`sched::state::home`).
    pub(crate) home: MName,
    pub(crate) posted_link: GWord,
    /// Open `NoSuspend` scopes.
    no_suspend: AtomicU32,
    own: Own,
    /// The family that it belongs to: `sched::family` knows what that is.
    family: SpinMutex<Option<Watch>>,
}

// (A coroutine that tells the sanitizer of its switches is larger.)
#[cfg(not(goroutines_asan))]
const _: () = assert!(std::mem::offset_of!(G, entry) == 64 && std::mem::offset_of!(G, cold) == 128);

/// Where a debugger finds what; the order is `sched::report::gdb`'s.
pub(crate) const LAYOUT: [usize; 11] = [
    size_of::<G>(),
    align_of::<G>(),
    std::mem::offset_of!(G, id),
    std::mem::offset_of!(G, parent),
    std::mem::offset_of!(G, status),
    std::mem::offset_of!(G, reason),
    std::mem::offset_of!(G, flags),
    std::mem::offset_of!(G, entry),
    std::mem::offset_of!(G, slot),
    std::mem::offset_of!(G, class),
    std::mem::offset_of!(G, created_at),
];

/// A goroutine's closure, before it is run: where it lies, and what runs it.
pub(crate) struct Closure {
    pub(crate) entry: unsafe fn(*mut u8),
    pub(crate) at: *mut u8,
}

impl Closure {
    /// The same, after its bytes were moved to `at`.
    ///
    /// # Safety
    /// They were, and are used nowhere else.
    pub(super) unsafe fn moved_to(self, at: *mut u8) -> Closure {
        Closure { at, ..self }
    }

    /// Runs it.
    pub(crate) fn run(self) {
        // SAFETY: of one goroutine, as `start` was told, and once, as it is used up.
        unsafe { (self.entry)(self.at) };
    }
}

impl Cold {
    /// What only the goroutine itself touches.
    ///
    /// # Safety
    /// The caller runs on the goroutine, or owns it and has seen it leave its stack for good.
    #[inline(always)]
    pub(super) unsafe fn own(&self) -> &Own {
        &self.own
    }
}

impl G {
    /// Prepares it to run `body` on its stack `limit..closure`; that will [take](Self::take_closure) the closure.
    ///
    /// # Safety
    /// The goroutine is new, and the caller's. The closure's `entry` may be called with its address, once; the stack
    /// is as [`Coro::start`] wants it.
    #[inline]
    pub(crate) unsafe fn start(
        &self,
        closure: Closure,
        limit: usize,
        body: impl FnOnce() + Copy + 'static,
    ) {
        let Closure { entry, at } = closure;
        self.set_closure(entry, at);
        // SAFETY: by the caller.
        unsafe { self.coro.start(at as usize, limit, body) };
    }

    /// What it will run when it begins.
    #[inline(always)]
    pub(super) fn set_closure(&self, entry: unsafe fn(*mut u8), at: *mut u8) {
        self.closure.store(at, Ordering::Relaxed);
        self.entry.store(entry as usize, Ordering::Relaxed);
    }

    /// What a new goroutine's header says, but for its id and its place. `entry`, `closure` and the coroutine are not
    /// read before they are set, and the cold part is zero already.
    #[inline(always)]
    pub(super) fn blank(&self) {
        self.parent.store(0, Ordering::Relaxed);
        self.created_at.store(ptr::null_mut(), Ordering::Relaxed);
        self.locked_m.clear();
        self.wait_since.store(0, Ordering::Relaxed);
        self.status.store(Status::Idle as u8, Ordering::Relaxed);
        self.reason.store(0, Ordering::Relaxed);
        self.flags.store(0, Ordering::Relaxed);
        self.origin.store(0, Ordering::Relaxed);
    }

    /// Takes the closure. From now on it has begun, and may park.
    ///
    /// # Safety
    /// Once, by the goroutine itself, which has not parked yet.
    pub(crate) unsafe fn take_closure(&self) -> Closure {
        let entry = self.entry.load(Ordering::Relaxed);
        // SAFETY: stored by `start`, and not overwritten, by the caller.
        let entry = unsafe { std::mem::transmute::<usize, unsafe fn(*mut u8)>(entry) };
        let at = self.closure.load(Ordering::Relaxed);
        self.closure.store(ptr::null_mut(), Ordering::Relaxed);
        Closure { entry, at }
    }

    /// It leaves its stack at `at`, which lies there.
    #[inline(always)]
    pub(crate) fn set_parked_at(&self, at: &Saved) {
        self.entry
            .store(ptr::from_ref(at) as usize, Ordering::Release);
    }

    /// Where it says that it last left its stack; may be anything, if it never did. Acquire: pairs with the
    /// store of it, so that its frames are seen as they were then.
    pub(crate) fn parked_at(&self) -> usize {
        self.entry.load(Ordering::Acquire)
    }

    /// Has it not begun yet? For its owner: others see what was true a moment ago.
    pub(crate) fn is_fresh(&self) -> bool {
        !self.closure.load(Ordering::Relaxed).is_null()
    }

    /// The slot that it lives in. (One that has not begun may have none: see [`seed`](super::seed).)
    #[inline(always)]
    pub(crate) fn slot(&self) -> SlotId {
        self.slot.load(Ordering::Relaxed)
    }

    /// The size class of the slot.
    #[inline(always)]
    pub(crate) fn class(&self) -> u8 {
        self.class.load(Ordering::Relaxed)
    }

    /// Its word in the side table.
    #[inline(always)]
    pub(crate) fn word(&self) -> &'static SlotWord {
        arena::word(self.slot())
    }

    /// The lowest usable address of its first stack segment.
    pub(crate) fn stack_limit(&self) -> usize {
        arena::slot_base(self.slot()) + bounds::guard_len_of(self.class())
    }

    #[inline(always)]
    pub(crate) fn set_status(&self, s: Status) {
        self.status.store(s as u8, Ordering::Relaxed);
    }

    pub(crate) fn status(&self) -> Status {
        Status::from_u8(self.status.load(Ordering::Relaxed))
    }

    /// Notes that the goroutine is about to wait, for dumps.
    #[inline(always)]
    pub(crate) fn set_waiting(&self, reason: WaitReason, now: i64) {
        self.reason.store(reason as u8, Ordering::Relaxed);
        self.wait_since.store(now, Ordering::Relaxed);
        // Release: pairs with the load in `is_waiting`.
        self.status.store(Status::Waiting as u8, Ordering::Release);
    }

    /// Does it wait? If so, what it noted of the wait before is seen too.
    pub(crate) fn is_waiting(&self) -> bool {
        self.status.load(Ordering::Acquire) == Status::Waiting as u8
    }

    /// Has it waited since before `then`, by sysmon's coarse clock?
    pub(crate) fn waits_since_before(&self, then: i64) -> bool {
        self.is_waiting() && self.wait_since.load(Ordering::Relaxed) < then
    }

    pub(crate) fn reason(&self) -> WaitReason {
        WaitReason::ALL
            .get(self.reason.load(Ordering::Relaxed) as usize)
            .copied()
            .unwrap_or(WaitReason::None)
    }

    pub(crate) fn set_created_at(&self, at: &'static Location<'static>) {
        self.created_at
            .store(ptr::from_ref(at).cast_mut(), Ordering::Relaxed);
    }

    /// Where `go!` stood.
    pub(crate) fn created_at(&self) -> Option<&'static Location<'static>> {
        let p = self.created_at.load(Ordering::Relaxed);
        // SAFETY: null, or a `&'static` stored above.
        unsafe { p.as_ref() }
    }

    #[inline(always)]
    pub(crate) fn has(&self, f: u16) -> bool {
        self.flags.load(Ordering::Relaxed) & f != 0
    }

    pub(crate) fn set_flag(&self, f: u16, on: bool) {
        let v = self.flags.load(Ordering::Relaxed);
        let v = if on { v | f } else { v & !f };
        self.flags.store(v, Ordering::Relaxed);
    }

    /// The cold part, for writing: the goroutine's end will clear it.
    pub(crate) fn cold(&self) -> &Cold {
        self.set_flag(flag::COLD, true);
        &self.cold
    }

    /// The cold part, if it was ever written.
    #[inline(always)]
    pub(super) fn cold_if_any(&self) -> Option<&Cold> {
        self.has(flag::COLD).then_some(&self.cold)
    }

    /// Clears the cold part.
    ///
    /// # Safety
    /// By the owner; the goroutine has ended, and nothing borrows of it.
    #[inline(always)]
    pub(crate) unsafe fn clear_cold(&self) {
        if self.has(flag::COLD) {
            // SAFETY: the caller's promise. Assigning drops what was there and leaves the all-zero default.
            unsafe { *(&raw const self.cold).cast_mut() = Cold::default() };
        }
    }

    /// How often `lock_os_thread` was called.
    #[inline(always)]
    pub(crate) fn lock_count(&self) -> u32 {
        if self.has(flag::COLD) {
            self.cold.lock_count.load(Ordering::Relaxed)
        } else {
            0
        }
    }

    /// The M that it stays with alone may run it; any, if there is none.
    #[inline(always)]
    pub(crate) fn lock_to_home(&self) {
        if self.has(flag::STAYS) {
            self.locked_m.store(self.cold.home.get());
        } else {
            self.locked_m.clear();
        }
    }

    /// Open `NoSuspend` scopes.
    #[inline(always)]
    pub(crate) fn no_suspend(&self) -> u32 {
        if self.has(flag::COLD) {
            self.cold.no_suspend.load(Ordering::Relaxed)
        } else {
            0
        }
    }

    /// So many are open. For the goroutine itself: another's would be mistaken, no more.
    pub(crate) fn set_no_suspend(&self, open: u32) {
        self.cold().no_suspend.store(open, Ordering::Relaxed);
    }

    /// The family that it belongs to.
    #[inline(always)]
    pub(crate) fn family(&self) -> Option<Watch> {
        if self.has(flag::FAMILY) {
            self.cold.family.lock().clone()
        } else {
            None
        }
    }

    /// It belongs to that one from now on; returns the one before. For its owner.
    pub(crate) fn set_family(&self, family: Option<Watch>) -> Option<Watch> {
        let member = family.is_some();
        let before = std::mem::replace(&mut *self.cold().family.lock(), family);
        self.set_flag(flag::FAMILY, member);
        before
    }
}

#[cfg(test)]
mod tests {
    use super::Cold;
    use std::mem::MaybeUninit;

    /// A new goroutine does not write its cold part: what a fresh or wiped slot holds must be its default.
    #[test]
    fn zeros_are_an_unused_cold_part() {
        // SAFETY: numbers, null pointers and `None` of boxes, all of which are zeros; and cells and a lock of such,
        // whose zeros this test looks at.
        let cold: Cold = unsafe { MaybeUninit::zeroed().assume_init() };
        let unwind = cold.own.unwind.try_borrow_mut();
        assert!(unwind.is_ok_and(|unwind| unwind.is_none()));
        let locals = cold.own.locals.try_borrow_mut();
        assert!(locals.is_ok_and(|locals| locals.is_none()));
        assert!(cold.family.lock().is_none());
    }
}
