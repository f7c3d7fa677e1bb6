//! P: the right to run goroutines, and what goes with it: a run queue, free stacks, timers.
//!
//! There are GOMAXPROCS of them. **Owning a P is owning its private parts**, which are reached by an [`OwnP`] only.
//! The owner is the M whose `m.p` names it, inside that M's runtime [`Section`](super::section::Section)s; or the
//! thread that has it as a [`FreeP`], which no M has; or the examiner that holds the owner's hand-off lock and has
//! proved the owner to be outside (README.md).
//!
//! What needs to know the owner is in `mine.rs`, what passes a full queue on in `runq.rs`.

use super::left::Left;
use super::owned::Owned;
use super::runnable::Runnable;
use super::watched::Watched;
use crate::g::{G, seedbed};
use crate::stack::arena::CLASSES;
use crate::stack::cache::Cache;
use crate::timers::Heap;
use crossbeam_deque::{Steal, Stealer, Worker};
use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::offset_of;
use std::ops::Deref;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicPtr, AtomicU32, AtomicU64, Ordering};

/// Go's bound on a local queue.
pub(crate) const QUEUE_MAX: usize = 256;
/// Goroutine ids come in batches of this size, as in Go.
const GOID_BATCH: u64 = 16;
/// The next id that no batch has.
static GOIDS: AtomicU64 = AtomicU64::new(1);

/// A processor. See the [module](self).
#[repr(C, align(128))]
pub(crate) struct P {
    /// The goroutine to run next; inherits the time slice. Private: thieves go through the owner's
    /// hand-off lock. Atomic only because they peek.
    run_next: AtomicPtr<G>,
    /// One up for each goroutine run with a slice of its own.
    sched_tick: AtomicU32,
    /// One up for each goroutine run.
    switches: AtomicU32,
    private: Owned<Private>,
    /// Goroutines made and ended here; the owner writes, any thread sums.
    created: AtomicU64,
    finished: AtomicU64,
    /// One up for each bracketed blocking call.
    syscall_tick: AtomicU32,
    /// One up, or two, for each slice that has ended before its goroutine was through.
    slice_ends: AtomicU32,
    /// The CPU of the thread that has just given it up, and waits in line; above it `sched_tick` then.
    given_up_on: AtomicU64,
    /// And which M that was.
    given_up_by: AtomicU64,
    /// When it last went to another M, for a slice; 0: it has been idle since.
    turn_began: AtomicI64,

    // ---- what others write
    /// sysmon asks for the slice to end, or `gomaxprocs` for the P to retire.
    attention: AtomicBool,
    /// Beyond GOMAXPROCS: to be emptied and put away.
    retired: AtomicBool,
    /// Retired, emptied, and among those that have been put away.
    away: AtomicBool,
    /// The M that owns it, by its address: `mine.rs` knows what that is.
    pub(super) owner: AtomicPtr<()>,
    /// Next on the list of free ones that this one is on: whose that list is has this one too. Owned by the holder
    /// of its [`FreeP`].
    idle_link: Owned<Cell<Option<FreeP>>>,
    stealer: Stealer<Runnable>,
    pub(crate) timers: Heap,
    pub(crate) id: u32,
}

/// What is the owner's alone; reached by an [`OwnP`].
#[repr(C)]
struct Private {
    worker: Worker<Runnable>,
    caches: [Cache; CLASSES],
    seeds: seedbed::Cache,
    goid_next: Cell<u64>,
    goid_end: Cell<u64>,
    /// The P that this one has an eye on.
    watched: Watched,
}

// The words that the owner touches at every switch are on one line, and what others write is on another.
const _: () = assert!(offset_of!(P, private) + offset_of!(Private, caches) <= 64);
const _: () = assert!(offset_of!(P, owner) - offset_of!(P, switches) >= 128);
// The owner may change its thread: ownership passes through `SCHED.lock` or through `m.p` (AcqRel), see README.md.
const _: fn() = || {
    fn goes_anywhere<T: Send>() {}
    goes_anywhere::<Private>();
    goes_anywhere::<FreeP>();
};

/// A P that no M has: its holder's alone. There is one of it, which is handed on until an M takes it.
#[must_use = "the P would be lost"]
pub(crate) struct FreeP(&'static P, OneThread);

/// Two threads do not share it: each would be the owner.
type OneThread = PhantomData<Cell<()>>;

impl Deref for FreeP {
    type Target = P;
    #[inline(always)]
    fn deref(&self) -> &P {
        self.0
    }
}

impl FreeP {
    /// # Safety
    /// No M has it, there is no other `FreeP` of it, and from now on the caller has this one.
    #[inline(always)]
    pub(super) unsafe fn new(p: &'static P) -> FreeP {
        FreeP(p, PhantomData)
    }

    /// Which P it is. That says nothing about its owner.
    #[inline(always)]
    pub(crate) fn p(&self) -> &'static P {
        self.0
    }

    /// Puts it in front of a list of free ones.
    pub(crate) fn push_to(self, list: &mut Option<FreeP>) {
        self.idle_link().set(list.take());
        *list = Some(self);
    }

    /// Takes the first of such a list.
    pub(crate) fn pop_from(list: &mut Option<FreeP>) -> Option<FreeP> {
        let p = list.take()?;
        *list = p.idle_link().take();
        Some(p)
    }

    fn idle_link(&self) -> &Cell<Option<FreeP>> {
        // SAFETY: this is the one `FreeP` of it, which the link belongs to.
        unsafe { self.0.idle_link.get() }
    }

    /// Puts it to those that have been put away: it is retired and has been emptied.
    pub(crate) fn put_away(self, away: &mut Vec<FreeP>) {
        let p = self.0;
        away.push(self);
        // The last step, in order with the numbers of the idle: from here on it counts as at rest (`census.rs`).
        p.away.store(true, Ordering::SeqCst);
    }

    /// Takes back the one with that number, if it was put away. (That it is at rest no longer is told by whoever takes
    /// it off the idle list, where it goes next.)
    pub(crate) fn take_back(away: &mut Vec<FreeP>, id: u32) -> Option<FreeP> {
        let at = away.iter().position(|p| p.id == id)?;
        let p = away.swap_remove(at);
        p.0.away.store(false, Ordering::Relaxed);
        Some(p)
    }

    /// The slice that sysmon asked to end has ended. (A P that is to retire stays marked: [`retire`](P::retire) says
    /// that it is first, and only then asks. All of it is in one order, so one of the two sees the other.)
    pub(crate) fn end_slice(&self) {
        bump(&self.0.slice_ends);
        self.0.attention.store(false, Ordering::SeqCst);
        if self.0.retired.load(Ordering::SeqCst) {
            self.0.attention.store(true, Ordering::SeqCst);
        }
    }

    /// Its private parts.
    #[inline(always)]
    pub(crate) fn own(&self) -> OwnP<'_> {
        OwnP {
            p: self.0,
            while_owned: PhantomData,
        }
    }
}

/// What is [asked](P::ask) of the M that has a P.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The goroutines that have shared a slice are to go behind the others.
    EndSlice,
    /// The P is to be emptied and put away.
    Retire,
}

/// A P for its owner, on the owner's thread: what is private to the owner is done through this.
pub(crate) struct OwnP<'a> {
    p: &'static P,
    while_owned: PhantomData<(&'a (), *const ())>,
}

impl Deref for OwnP<'_> {
    type Target = P;
    #[inline(always)]
    fn deref(&self) -> &P {
        self.p
    }
}

impl P {
    /// A new one, which has no owner yet.
    pub(crate) fn make(id: u32) -> FreeP {
        let worker = Worker::new_fifo();
        let stealer = worker.stealer();
        let p = Box::leak(Box::new(P {
            run_next: AtomicPtr::new(ptr::null_mut()),
            sched_tick: AtomicU32::new(0),
            slice_ends: AtomicU32::new(0),
            switches: AtomicU32::new(0),
            given_up_on: AtomicU64::new(u64::MAX),
            given_up_by: AtomicU64::new(u64::MAX),
            turn_began: AtomicI64::new(0),
            private: Owned::new(Private {
                worker,
                caches: std::array::from_fn(|_| Cache::default()),
                seeds: seedbed::Cache::default(),
                goid_next: Cell::new(0),
                goid_end: Cell::new(0),
                watched: Watched::default(),
            }),
            created: AtomicU64::new(0),
            finished: AtomicU64::new(0),
            syscall_tick: AtomicU32::new(0),
            attention: AtomicBool::new(false),
            retired: AtomicBool::new(false),
            away: AtomicBool::new(false),
            owner: AtomicPtr::new(ptr::null_mut()),
            idle_link: Owned::new(Cell::new(None)),
            stealer,
            timers: Heap::new(),
            id,
        }));
        FreeP(p, PhantomData)
    }
}

impl<'a> OwnP<'a> {
    /// # Safety
    /// The caller is the owner of `p` for as long as the result lives.
    #[inline(always)]
    pub(super) unsafe fn new(p: &'static P) -> Self {
        OwnP {
            p,
            while_owned: PhantomData,
        }
    }

    #[inline(always)]
    fn private(&self) -> &Private {
        self.check_owner();
        // SAFETY: this is the owner's, and the result does not outlive it.
        unsafe { self.p.private.get() }
    }

    #[inline(always)]
    pub(super) fn worker(&self) -> &Worker<Runnable> {
        &self.private().worker
    }

    /// The free slots of one class.
    #[inline(always)]
    pub(crate) fn cache(&self, class: u8) -> &Cache {
        &self.caches()[class as usize]
    }

    /// All of them.
    #[inline(always)]
    pub(crate) fn caches(&self) -> &[Cache; CLASSES] {
        &self.private().caches
    }

    /// Free seeds.
    #[inline(always)]
    pub(crate) fn seeds(&self) -> &seedbed::Cache {
        &self.private().seeds
    }

    /// Makes `g` the next to run, and returns the one that was.
    #[inline(always)]
    pub(crate) fn swap_next(&self, g: Runnable) -> Option<Runnable> {
        self.check_owner();
        self.replace_next(Some(g))
    }

    #[inline(always)]
    fn replace_next(&self, new: Option<Runnable>) -> Option<Runnable> {
        let new = new.map_or(ptr::null_mut(), Runnable::into_raw);
        let old = self.run_next.load(Ordering::Relaxed);
        self.run_next.store(new, Ordering::Relaxed);
        // SAFETY: taken out of the word, which the owner alone writes.
        unsafe { Runnable::from_raw(old) }
    }

    /// Takes the next to run.
    #[inline(always)]
    pub(crate) fn take_next(&self) -> Option<Runnable> {
        if !self.has_next() {
            return None;
        }
        self.replace_next(None)
    }

    /// Takes from the head.
    #[inline(always)]
    pub(crate) fn pop(&self) -> Option<Runnable> {
        // A pop is a read-modify-write even if there is nothing.
        if self.worker().is_empty() {
            return None;
        }
        self.worker().pop()
    }

    /// Neither `run_next` nor anything queued? For the owner: without the fence that
    /// [`has_queued`](P::has_queued) needs.
    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        !self.has_next() && self.worker().is_empty()
    }

    /// The P that this one has an eye on.
    pub(crate) fn watched(&self) -> &Watched {
        &self.private().watched
    }

    /// Takes half of another P's queue: the first to run now, the rest into our own.
    pub(crate) fn steal_from(&self, victim: &P) -> Option<Runnable> {
        loop {
            match victim
                .stealer
                .steal_batch_with_limit_and_pop(self.worker(), QUEUE_MAX / 2)
            {
                Steal::Success(g) => return Some(g),
                Steal::Empty => return None,
                Steal::Retry => std::hint::spin_loop(),
            }
        }
    }

    /// A goroutine begins to run here, maybe with a slice of its own.
    #[inline(always)]
    pub(crate) fn count_run(&self, own_slice: bool) {
        if own_slice {
            bump(&self.p.sched_tick);
        }
        bump(&self.p.switches);
    }

    /// A bracketed blocking call begins here.
    pub(crate) fn count_call(&self) {
        let calls = self.p.calls();
        self.p
            .syscall_tick
            .store(calls.wrapping_add(1), Ordering::Relaxed);
    }

    /// Answers what was [asked](P::ask): what is to happen? `None`: nothing, the request was about an earlier slice and
    /// has been answered.
    pub(crate) fn answer(&self) -> Option<Asked> {
        // Acquire: pairs with the store in `retire`, which marks the P as retired first.
        let asked = self.p.attention.swap(false, Ordering::Acquire);
        if self.p.is_retired() {
            return Some(Asked::Retire);
        }
        asked.then_some(Asked::EndSlice)
    }

    /// A fresh goroutine id.
    #[inline]
    pub(crate) fn next_goid(&self) -> u64 {
        let own = self.private();
        if own.goid_next.get() == own.goid_end.get() {
            let first = GOIDS.fetch_add(GOID_BATCH, Ordering::Relaxed);
            own.goid_next.set(first);
            own.goid_end.set(first + GOID_BATCH);
        }
        let id = own.goid_next.get();
        own.goid_next.set(id + 1);
        id
    }

    /// Gives the free stacks and seeds back to the central lists, where they can go back to the kernel.
    pub(crate) fn flush_caches(&self) {
        for class in 0..CLASSES as u8 {
            self.cache(class).flush(class);
        }
        self.seeds().flush();
    }

    /// A goroutine was made here. The owner alone writes the number; others sum. Release: see [`P::ended`].
    #[inline(always)]
    pub(crate) fn count_made(&self) {
        let made = self.created.load(Ordering::Relaxed);
        self.created.store(made + 1, Ordering::Release);
    }

    /// One has ended here.
    #[inline(always)]
    pub(crate) fn count_ended(&self) {
        let ended = self.finished.load(Ordering::Relaxed);
        self.finished.store(ended + 1, Ordering::Release);
    }
}

impl P {
    /// A fresh goroutine id for a thread without a P.
    pub(crate) fn next_goid_without() -> u64 {
        GOIDS.fetch_add(1, Ordering::Relaxed)
    }

    // ---------------------------------------------------------------- what is asked of it

    /// Asks for the slice to end; or again for what was asked, and is not done yet. Relaxed: it says nothing else, and
    /// is asked again if it comes too late.
    pub(crate) fn ask(&self) {
        self.attention.store(true, Ordering::Relaxed);
    }

    /// Is anything asked of the owner? It [answers](OwnP::answer) when it comes by.
    #[inline(always)]
    pub(crate) fn is_asked(&self) -> bool {
        self.attention.load(Ordering::Relaxed)
    }

    /// It is beyond GOMAXPROCS: whoever has it is to give it up, and to put it away. The caller holds the lock of the Ps
    /// that were put away, and then looks for it among the idle ones: an M that puts one there looks for this mark under
    /// `SCHED.lock`. In this order: who is asked, and answers, sees the mark.
    pub(crate) fn retire(&self) {
        self.retired.store(true, Ordering::SeqCst);
        self.attention.store(true, Ordering::SeqCst);
    }

    /// It is wanted again, under the same lock.
    pub(crate) fn stay(&self) {
        self.retired.store(false, Ordering::SeqCst);
    }

    /// Is it to retire? Without one of the locks that [`retire`](Self::retire) names: a hint.
    #[inline(always)]
    pub(crate) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Relaxed)
    }

    /// Has it been put away? In order with the numbers of the idle.
    pub(crate) fn is_away(&self) -> bool {
        self.away.load(Ordering::SeqCst)
    }

    // ---------------------------------------------------------------- what it has done

    /// How many goroutines it has run with a slice of their own. The owner alone counts; to others it is a hint, which
    /// they compare with an earlier one.
    #[inline(always)]
    pub(crate) fn slices(&self) -> u32 {
        self.sched_tick.load(Ordering::Relaxed)
    }

    /// How many goroutines it has run in all.
    #[inline(always)]
    pub(crate) fn switches(&self) -> u32 {
        self.switches.load(Ordering::Relaxed)
    }

    /// The same, read before all that the caller reads in order afterwards.
    pub(crate) fn switches_in_order(&self) -> u32 {
        self.switches.load(Ordering::SeqCst)
    }

    /// How many bracketed calls have begun on it.
    pub(crate) fn calls(&self) -> u32 {
        self.syscall_tick.load(Ordering::Relaxed)
    }

    /// How many goroutines were made on it.
    pub(super) fn made(&self) -> u64 {
        self.created.load(Ordering::Acquire)
    }

    /// How many have ended on it. Acquire: who has read this, and reads then how many were [`made`](Self::made), on this
    /// P or others, finds no fewer.
    pub(super) fn ended(&self) -> u64 {
        self.finished.load(Ordering::Acquire)
    }

    /// The thread that has it is about to give it up, and to wait in line, on this CPU. A hint.
    pub(super) fn given_up_by(&self, m: u64, cpu: u32) {
        self.given_up_by.store(m, Ordering::Relaxed);
        let slice = u64::from(self.slices()) << 32;
        self.given_up_on
            .store(slice | u64::from(cpu), Ordering::Relaxed);
    }

    /// The CPU of the M that has just got in line with it, and that M, if no slice has begun since: most likely nobody runs
    /// there now. A hint.
    pub(crate) fn left(&self) -> Left {
        let given_up_on = self.given_up_on.load(Ordering::Relaxed);
        let fresh = (given_up_on >> 32) as u32 == self.slices();
        if fresh {
            Left::by(self.given_up_by.load(Ordering::Relaxed), given_up_on as u32)
        } else {
            Left::UNKNOWN
        }
    }

    /// It goes to another M, for a slice that begins now. For sysmon, which may look later.
    pub(crate) fn turn_begins(&self, now: i64) {
        self.turn_began.store(now, Ordering::Relaxed);
    }

    /// When it last did.
    pub(crate) fn turn_began(&self) -> i64 {
        self.turn_began.load(Ordering::Relaxed)
    }

    /// Another number for each slice. For sysmon.
    pub(crate) fn slice_mark(&self) -> u64 {
        let ends = self.slice_ends.load(Ordering::Relaxed);
        u64::from(self.slices()) << 32 | u64::from(ends)
    }

    // ---------------------------------------------------------------- what it has to run

    /// Is there anything in the queue that a thief could take without an examination?
    #[inline]
    pub(crate) fn has_queued(&self) -> bool {
        !self.stealer.is_empty()
    }

    /// A goroutine waits in `run_next`?
    #[inline]
    pub(crate) fn has_next(&self) -> bool {
        !self.run_next.load(Ordering::Relaxed).is_null()
    }

    /// Goroutines queued here; for dumps.
    pub(crate) fn queue_len(&self) -> usize {
        self.stealer.len() + usize::from(self.has_next())
    }
}

/// The owner alone writes it; others only read.
#[inline(always)]
fn bump(n: &AtomicU32) {
    n.store(n.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
}
