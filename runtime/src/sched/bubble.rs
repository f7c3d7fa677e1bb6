//! Bubbles: goroutines with a clock of their own, which moves only when all of them wait (the machinery
//! of `testing::synctest`; Go's `runtime/synctest.go`).
//!
//! A goroutine of a bubble is *durably blocked* if only another one of the bubble, or the bubble's
//! clock, can end its wait ([`WaitReason::is_durable`]). The bubble counts those that are not,
//! `running`: a goroutine that parks durably is taken out of the count after its commit has run, and put
//! back by whoever readies it, before it is queued. So the count is never too low.
//!
//! The **root** is the goroutine that called `synctest::test`. It is not counted. It rests while somebody
//! runs; when the count reaches zero it is woken, unless a goroutine is in `synctest::wait`: then that one
//! is. The root moves the clock to the next timer and fires what is due. While it is about that nobody
//! else is woken for lack of others ([`State::root`] is empty).
//!
//! A bubble may also **explore** (`testing::explore`): its goroutines run one at a time, and who is next is
//! drawn by a seeded generator. Those that could run are kept back in `explorer.rs`'s list until it is
//! their turn, whatever the scheduler's Ps and queues do.
//!
//! The lock is an ordinary mutex, also taken by commits, on an M's own stack: it is held for a few
//! instructions, and only tests ever come here.

use super::explorer::{self, Explorer};
use super::family;
use super::fatal;
use super::m::{Commit, M};
use super::panic::{before_block, may_block};
use super::park::{current_g, make_runnable, park, switch};
use super::timers::{self, TimerNode, nanotime};
use crate::g::{GRef, Status, WaitReason, header::flag};
use crate::timers::Heap;
use std::collections::BTreeMap;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// When a bubble's clock starts: midnight UTC, 2000-01-01, in nanoseconds since 1970.
pub(crate) const START: i64 = 946_684_800_000_000_000;

/// See the [module](self).
pub(crate) struct Bubble {
    /// From 1 on.
    pub(crate) id: u32,
    /// The clock; written by the root while nobody else runs.
    now: AtomicI64,
    /// Its goroutines run one at a time; there is `State::explorer`.
    explores: bool,
    /// Its timers; the nodes' owners keep the bubble alive by their [`Clock`].
    timers: Heap,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Goroutines that have not ended, without the root.
    total: usize,
    /// Those of them that are not durably blocked.
    running: usize,
    /// The root, while it rests.
    root: Option<GRef>,
    /// Somebody has called `wait`, and who it is once it sleeps.
    waiting: bool,
    waiter: Option<GRef>,
    /// The id of the goroutine that runs the test, and whether it has ended: then time stands still.
    main: u64,
    done: bool,
    explorer: Option<Explorer>,
}

/// How a bubble ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    /// All goroutines have returned.
    Empty,
    /// Main has returned, others are blocked.
    LeftBlocked,
    /// All are blocked, main among them.
    AllBlocked,
}

static EXIST: AtomicBool = AtomicBool::new(false);
static IDS: AtomicU32 = AtomicU32::new(1);

/// Has there ever been a bubble? A hint that keeps questions about them cheap.
#[inline(always)]
pub(crate) fn exist() -> bool {
    EXIST.load(Ordering::Relaxed)
}

/// The id of the caller's bubble; 0 = it is in none.
#[inline(always)]
pub(crate) fn current_id() -> u32 {
    #[cold]
    #[inline(never)]
    fn look() -> u32 {
        family::bubble().map_or(0, |b| b.id)
    }
    if exist() { look() } else { 0 }
}

/// Which goroutine is in which bubble; for dumps.
fn members() -> MutexGuard<'static, BTreeMap<u64, u32>> {
    static MEMBERS: Mutex<BTreeMap<u64, u32>> = Mutex::new(BTreeMap::new());
    MEMBERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The bubble of a goroutine, by its id.
pub(super) fn of_goroutine(id: u64) -> Option<u32> {
    members().get(&id).copied()
}

impl State {
    /// Who is to be woken because nobody else runs. The caller makes it runnable, after unlocking.
    #[must_use]
    fn next(&mut self) -> Option<GRef> {
        let root = self.root?;
        if let Some(explorer) = &mut self.explorer
            && let Some(g) = explorer.choose()
        {
            return Some(g);
        }
        if self.running > 0 {
            return None;
        }
        if let Some(waiter) = self.waiter.take() {
            self.running += 1;
            if let Some(explorer) = &mut self.explorer {
                explorer.begin();
            }
            return Some(waiter);
        }
        self.root = None;
        Some(root)
    }
}

impl State {
    /// Whoever had its turn has parked, ended or given way.
    fn turn_ends(&mut self) {
        if let Some(explorer) = &mut self.explorer {
            explorer.end();
        }
    }

    fn keep_back(&mut self, g: GRef) {
        g.set_status(Status::Runnable);
        if let Some(explorer) = &mut self.explorer {
            explorer.keep_back(g);
        }
    }
}

fn wake(next: Option<GRef>) {
    if let Some(g) = next {
        make_runnable(g);
    }
}

impl Bubble {
    /// A bubble; with a seed, one that explores.
    pub(crate) fn new(seed: Option<u64>) -> Arc<Bubble> {
        EXIST.store(true, Ordering::Relaxed);
        Arc::new(Bubble {
            id: IDS.fetch_add(1, Ordering::Relaxed),
            now: AtomicI64::new(START),
            timers: Heap::new(),
            explores: seed.is_some(),
            state: Mutex::new(State {
                explorer: seed.map(Explorer::new),
                ..State::default()
            }),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }

    /// A goroutine was started in it.
    pub(super) fn joined(&self, id: u64) {
        members().insert(id, self.id);
        let mut s = self.lock();
        s.total += 1;
        s.running += 1;
    }

    /// A goroutine of it has ended.
    pub(super) fn left(&self, id: u64) {
        members().remove(&id);
        let mut s = self.lock();
        s.total -= 1;
        s.running -= 1;
        s.done |= s.main == id;
        s.turn_ends();
        let next = s.next();
        drop(s);
        wake(next);
    }

    /// A goroutine of it has parked. (It may be running again.)
    fn parked(&self, durably: bool) {
        let mut s = self.lock();
        s.running -= usize::from(durably);
        s.turn_ends();
        let next = s.next();
        drop(s);
        wake(next);
    }

    /// `g`, which has been parked so, could run again. `true`: it is kept back until it is its turn.
    fn unparked(&self, g: GRef, durably: bool) -> bool {
        let mut s = self.lock();
        s.running += usize::from(durably);
        if !self.explores {
            return false;
        }
        s.keep_back(g);
        let next = s.next();
        drop(s);
        wake(next);
        true
    }

    /// `synctest::wait`, by a goroutine of the bubble.
    ///
    /// Panics: `wait already in progress`.
    pub(crate) fn wait(self: &Arc<Self>) {
        unsafe fn commit(rest: *mut ()) -> bool {
            // SAFETY: the frame below; nobody is woken before this wait is counted, which is after
            // this commit.
            let (bubble, g) = unsafe { *rest.cast::<(&Bubble, GRef)>() };
            bubble.lock().waiter = Some(g);
            true
        }
        before_block();
        let me = current_g().expect("in a bubble, so a goroutine");
        let mut s = self.lock();
        let waiting = std::mem::replace(&mut s.waiting, true);
        drop(s);
        assert!(!waiting, "wait already in progress");
        let mut rest = (&**self, me);
        // SAFETY: the commit only takes the bubble's lock for a moment.
        unsafe { park(WaitReason::SynctestWait, commit, (&raw mut rest).cast()) };
        self.lock().waiting = false;
    }

    /// The goroutine `id` runs the test: when it has ended, the clock stands still.
    pub(crate) fn set_main(&self, id: u64) {
        self.lock().main = id;
    }

    /// The root's work, until there is nothing left to do. The caller is in the bubble's family.
    pub(crate) fn drive(self: &Arc<Self>) -> End {
        loop {
            self.rest();
            let s = self.lock();
            if s.running > 0 {
                // Woken from outside the bubble, between the call and now.
                continue;
            }
            let (total, done) = (s.total, s.done);
            drop(s);
            let next = self.timers.first();
            if total == 0 {
                self.drop_timers();
                return End::Empty;
            }
            if done {
                return End::LeftBlocked;
            }
            if next == i64::MAX {
                return End::AllBlocked;
            }
            self.now.store(next, Ordering::Relaxed);
            self.fire(next);
        }
    }

    /// The root sleeps until nobody else runs.
    fn rest(self: &Arc<Self>) {
        unsafe fn commit(rest: *mut ()) -> bool {
            // SAFETY: the frame below, which waits at least until the lock is taken.
            let (bubble, root) = unsafe { *rest.cast::<(&Arc<Bubble>, GRef)>() };
            // The root may be gone as soon as it can be found.
            let bubble = bubble.clone();
            let mut s = bubble.lock();
            s.root = Some(root);
            let next = s.next();
            drop(s);
            let waits = next != Some(root);
            wake(next.filter(|_| waits));
            waits
        }
        let me = current_g().expect("the root is a goroutine");
        let mut rest = (self, me);
        // SAFETY: the commit only takes the bubble's lock for a moment, and may wake another.
        unsafe { park(WaitReason::SynctestRun, commit, (&raw mut rest).cast()) };
    }

    /// Fires what is due at `now`, in a random order.
    fn fire(&self, now: i64) {
        let mut due: Vec<_> = std::iter::from_fn(|| self.timers.pop_due(now)).collect();
        let random = || match &mut self.lock().explorer {
            Some(explorer) => explorer.random() as usize,
            None => M::current().map_or(0, M::random) as usize,
        };
        for i in (1..due.len()).rev() {
            due.swap(i, random() % (i + 1));
        }
        for (node, when) in due {
            // SAFETY: the node's owner keeps it until its `fire` was called, which is once. `fire` is
            // code that runs in the scheduler: it takes spinlocks, readies, starts goroutines (which
            // inherit the bubble from us). That a goroutine may do too.
            unsafe { ((*node).fire())(node, when) };
        }
    }

    /// Nobody is left: what is still armed are functions that will never run. Their `fire`, called
    /// early, lets them go.
    fn drop_timers(&self) {
        while let Some((node, when)) = self.timers.pop_due(i64::MAX - 1) {
            // SAFETY: as in `fire`.
            unsafe { ((*node).fire())(node, when) };
        }
    }
}

// ------------------------------------------------------------------ what park and ready call

/// What the commit of a park in a bubble needs, in the frame of the one who parks.
struct Parting {
    bubble: ManuallyDrop<Arc<Bubble>>,
    durably: bool,
    commit: Commit,
    arg: *mut (),
}

/// [`park`] for a goroutine that belongs to a family.
///
/// # Safety
/// As `park`; `g` runs here, on `m`.
#[cold]
#[inline(never)]
pub(super) unsafe fn park_in_family(
    m: &'static M,
    g: GRef,
    reason: WaitReason,
    commit: Commit,
    arg: *mut (),
) {
    // SAFETY: it runs here.
    let Some(bubble) = (unsafe { family::bubble_of(g) }) else {
        // SAFETY: forwarded.
        return unsafe { switch(m, g, reason, commit, arg) };
    };
    // The root is not counted, and one that has queued itself with the scheduler goes on running.
    if matches!(reason, WaitReason::SynctestRun | WaitReason::None) {
        // SAFETY: forwarded.
        return unsafe { switch(m, g, reason, commit, arg) };
    }
    // Where an exploration looks for deadlocks, a lock is held by one of its own.
    let durably = reason.is_durable() || bubble.explores && reason.is_lock();
    g.set_flag(flag::DURABLE, durably);
    let mut parting = Parting {
        bubble: ManuallyDrop::new(bubble),
        durably,
        commit,
        arg,
    };
    // SAFETY: the commit is the caller's, and then takes a lock for a moment.
    unsafe { switch(m, g, reason, depart, (&raw mut parting).cast()) };
}

unsafe fn depart(parting: *mut ()) -> bool {
    // SAFETY: the frame above waits at least until the caller's commit has run; the bubble's count is
    // taken out of it, once.
    let (bubble, durably, commit, arg) = unsafe {
        let parting = &mut *parting.cast::<Parting>();
        let bubble = ManuallyDrop::take(&mut parting.bubble);
        (bubble, parting.durably, parting.commit, parting.arg)
    };
    // SAFETY: forwarded from `park`.
    let parked = unsafe { commit(arg) };
    if parked {
        bubble.parked(durably);
    }
    parked
}

/// The caller is about to make `g`, which it owns, runnable. `true`: it need not, the bubble will.
#[cold]
#[inline(never)]
pub(super) fn readied(g: GRef) -> bool {
    // SAFETY: the caller owns it.
    let Some(bubble) = (unsafe { family::bubble_of(g) }) else {
        return false;
    };
    let durably = g.has(flag::DURABLE);
    if !durably && !bubble.explores {
        return false;
    }
    g.set_flag(flag::DURABLE, false);
    let semaphore = matches!(
        g.reason(),
        WaitReason::SyncCondWait | WaitReason::WaitGroupDurable
    );
    if durably && semaphore && current_id() != bubble.id {
        fatal::throw("semaphore wake of synctest goroutine from outside bubble");
    }
    bubble.unparked(g, durably)
}

/// `g` is new and about to be queued, by its maker. `true`: it need not be, the bubble will.
#[cold]
#[inline(never)]
pub(super) fn started(g: GRef) -> bool {
    // SAFETY: its maker owns it.
    let bubble = unsafe { family::bubble_of(g) };
    bubble.is_some_and(|b| b.explores && b.unparked(g, false))
}

/// [`gosched`](super::park::gosched) of `g`, which runs here, if its bubble explores; else `false`.
#[cold]
#[inline(never)]
pub(super) fn yields(m: &'static M, g: GRef) -> bool {
    unsafe fn commit(rest: *mut ()) -> bool {
        // SAFETY: the frame below, which waits at least until the lock is taken.
        let (bubble, g) = unsafe { *rest.cast::<(&Arc<Bubble>, GRef)>() };
        let bubble = bubble.clone();
        let mut s = bubble.lock();
        s.turn_ends();
        s.keep_back(g);
        let next = s.next();
        drop(s);
        let goes_on = next == Some(g);
        wake(next.filter(|_| !goes_on));
        !goes_on
    }
    // SAFETY: it runs here.
    let bubble = unsafe { family::bubble_of(g) };
    let Some(bubble) = bubble.filter(|b| b.explores) else {
        return false;
    };
    let mut rest = (&bubble, g);
    // SAFETY: as for `rest`; the commit sees to it that the goroutine is resumed.
    unsafe { switch(m, g, WaitReason::None, commit, (&raw mut rest).cast()) };
    true
}

/// The running goroutine of a bubble that explores.
fn explored() -> Option<(GRef, Arc<Bubble>)> {
    let g = current_g()?;
    Some((g, family::bubble().filter(|b| b.explores)?))
}

/// Before an operation that may block: in a bubble that explores, another goroutine may get its turn.
#[inline(always)]
pub(crate) fn point() {
    #[cold]
    #[inline(never)]
    fn maybe_yield() {
        let Some((g, bubble)) = explored() else {
            return;
        };
        let draw = |s: &mut State| s.explorer.as_mut().is_some_and(Explorer::preempts);
        if std::thread::panicking() || !may_block(g) || !draw(&mut bubble.lock()) {
            return;
        }
        if let Some(m) = M::current() {
            yields(m, g);
        }
    }
    if explorer::running() {
        maybe_yield();
    }
}

/// A number of the caller's explorer, if it has one.
#[inline(always)]
pub(crate) fn random() -> Option<u32> {
    #[cold]
    #[inline(never)]
    fn draw() -> Option<u32> {
        let (_, bubble) = explored()?;
        let number = bubble.lock().explorer.as_mut().map(Explorer::random);
        number
    }
    if explorer::running() { draw() } else { None }
}

/// The seed of the exploration that `g` is part of, which dies here.
pub(super) fn seed_of(g: GRef) -> Option<u64> {
    // SAFETY: it runs here.
    let bubble = unsafe { family::bubble_of(g) }?;
    let seed = bubble.lock().explorer.as_ref().map(Explorer::seed);
    seed
}

// ------------------------------------------------------------------ clocks

/// The clock that something goes by: the real one, or that of the bubble in which it was made.
#[derive(Clone)]
pub(crate) struct Clock(Option<Arc<Bubble>>);

impl Clock {
    /// The caller's.
    #[inline]
    pub(crate) fn current() -> Clock {
        Clock(if exist() { family::bubble() } else { None })
    }

    /// In nanoseconds; only differences and order mean something.
    #[inline]
    pub(crate) fn now(&self) -> i64 {
        match &self.0 {
            None => nanotime(),
            Some(bubble) => bubble.now(),
        }
    }

    /// The id of its bubble; 0 = the real clock.
    pub(crate) fn bubble(&self) -> u32 {
        self.0.as_ref().map_or(0, |b| b.id)
    }

    /// Is it the clock of a bubble in which the caller is not?
    pub(crate) fn is_foreign(&self) -> bool {
        self.0.as_ref().is_some_and(|b| b.id != current_id())
    }

    /// [`timers::arm`].
    ///
    /// # Safety
    /// As there; and the node's owner keeps this clock as long as the node.
    pub(crate) unsafe fn arm(&self, node: *const TimerNode, when: i64) {
        // SAFETY: forwarded. Whoever arms a bubble's timer runs, so the root looks at it later.
        unsafe {
            match &self.0 {
                None => timers::arm(node, when),
                Some(bubble) => drop(bubble.timers.insert(node, when)),
            }
        }
    }

    /// [`timers::arm_before_park`].
    ///
    /// # Safety
    /// As [`arm`](Self::arm).
    pub(crate) unsafe fn arm_before_park(&self, node: *const TimerNode, when: i64) {
        // SAFETY: forwarded.
        unsafe {
            match &self.0 {
                None => timers::arm_before_park(node, when),
                Some(_) => self.arm(node, when),
            }
        }
    }
}
