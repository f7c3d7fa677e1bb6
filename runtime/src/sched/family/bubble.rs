//! Bubbles: goroutines with a clock of their own, which moves only when all of them wait (the machinery
//! of `testing::synctest`; Go's `runtime/synctest.go`).
//!
//! A goroutine of a bubble is *durably blocked* if only another one of the bubble, or the bubble's
//! clock, can end its wait ([`WaitReason::is_durable`]). The bubble counts those that are not,
//! `running`: a goroutine that parks durably is taken out of the count after its commit has run, and put
//! back by its waker, before it is queued. So the count is never too low.
//!
//! The **root** is the goroutine that called `synctest::test`. It is not counted. It rests while any
//! goroutine of the bubble runs; when the count reaches zero it is woken, unless a goroutine is in
//! `synctest::wait`: then that one is. The root moves the clock to the next timer and fires what is due.
//! While it does that, an empty count wakes no other goroutine ([`State::root`] is empty).
//!
//! A bubble may also **explore** (`testing::explore`): its goroutines run one at a time, and a seeded
//! generator draws the next one. Those that could run are kept back in a list until it is their turn,
//! whatever the scheduler's Ps and queues do.
//!
//! The lock is an ordinary mutex, also taken by commits, on an M's own stack: it is held for a few
//! instructions, and only tests ever come here.

use super::explorer::Explorer;
use crate::g::{GRef, Status, WaitReason, flag};
use crate::panic::before_block;
use crate::sched::state::beside;
use crate::sched::state::m::M;
use crate::sched::state::runnable::Runnable;
use crate::sched::wake::park::{hand_over, make_runnable};
use crate::switch::away;
use crate::sys::mutex::{Guard, Mutex};
use crate::timers::{Due, Heap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};

/// When a bubble's clock starts: midnight UTC, 2000-01-01, in nanoseconds since 1970.
pub(crate) const START: i64 = 946_684_800_000_000_000;

/// See the [module](self).
pub(crate) struct Bubble {
    /// From 1 on.
    pub(crate) id: u32,
    /// The clock; written by the root while no other goroutine runs.
    now: AtomicI64,
    /// Its goroutines run one at a time; there is `State::explorer`.
    pub(super) explores: bool,
    /// Its timers; the nodes' owners keep the bubble alive by their [`Clock`](crate::sched::Clock).
    pub(crate) timers: Heap,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    /// Goroutines that have not ended, without the root.
    total: usize,
    /// Those of them that are not durably blocked.
    running: usize,
    /// The root, while it rests.
    root: Option<Runnable>,
    /// A goroutine has called `wait`; and which one, once it sleeps.
    waiting: bool,
    waiter: Option<Runnable>,
    /// The id of the goroutine that runs the test, and whether it has ended: then time stands still.
    main: u64,
    done: bool,
    pub(super) explorer: Option<Explorer>,
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

/// The bubble of a goroutine, by its id.
pub(super) fn of_goroutine(id: u64) -> Option<u32> {
    beside::get(id, |b| b.bubble)
}

impl State {
    /// The goroutine to wake because no other runs: the caller wakes it, after unlocking.
    #[must_use]
    pub(super) fn next(&mut self) -> Option<Runnable> {
        self.root.as_ref()?;
        if let Some(explorer) = &mut self.explorer
            && let Some(g) = explorer.choose()
        {
            return Some(g);
        }
        if self.running > 0 {
            return None;
        }
        if let Some(waiter) = self.waiter.take() {
            waiter.set_flag(flag::DURABLE, false);
            self.running += 1;
            if let Some(explorer) = &mut self.explorer {
                explorer.begin();
            }
            return Some(waiter);
        }
        self.root.take()
    }
}

impl State {
    /// The goroutine whose turn it was has parked, ended or given way.
    pub(super) fn turn_ends(&mut self) {
        if let Some(explorer) = &mut self.explorer {
            explorer.end();
        }
    }

    pub(super) fn keep_back(&mut self, g: Runnable) {
        g.set_status(Status::Runnable);
        if let Some(explorer) = &mut self.explorer {
            explorer.keep_back(g);
        }
    }
}

pub(super) fn wake(next: Option<Runnable>) {
    if let Some(g) = next {
        make_runnable(g);
    }
}

/// [`wake`], by `me`, which has been put into the bubble's state; unless it is `me`'s own turn: then that is
/// returned.
pub(super) fn wake_other(next: Option<Runnable>, me: GRef) -> Option<Runnable> {
    let (own, other) = match next {
        Some(g) if g.g() == me => (Some(g), None),
        other => (None, other),
    };
    wake(other);
    own
}

impl Bubble {
    /// A new bubble; with a seed, one that explores.
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

    pub(super) fn lock(&self) -> Guard<'_, State> {
        self.state.lock()
    }

    pub(crate) fn now(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }

    /// A goroutine was started in it. `None`: it is kept back until it is its turn.
    pub(super) fn joined(&self, g: Runnable, id: u64) -> Option<Runnable> {
        beside::set(id, |b| &mut b.bubble, Some(self.id));
        let mut s = self.lock();
        s.total += 1;
        s.running += 1;
        // The root starts the test's goroutine first, and then rests.
        if s.main == 0 {
            s.main = id;
        }
        drop(s);
        if self.explores {
            return self.unparked(g, false);
        }
        Some(g)
    }

    /// A goroutine of it has ended.
    pub(super) fn left(&self, id: u64) {
        beside::set(id, |b| &mut b.bubble, None);
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
    pub(super) fn parked(&self, durably: bool) {
        let mut s = self.lock();
        s.running -= usize::from(durably);
        s.turn_ends();
        let next = s.next();
        drop(s);
        wake(next);
    }

    /// `g`, which was parked that way, could run again. `None`: it is kept back until it is its turn.
    pub(super) fn unparked(&self, g: Runnable, durably: bool) -> Option<Runnable> {
        let mut s = self.lock();
        s.running += usize::from(durably);
        if !self.explores {
            return Some(g);
        }
        s.keep_back(g);
        let next = s.next();
        drop(s);
        wake(next);
        None
    }

    /// `synctest::wait`, by a goroutine of the bubble.
    ///
    /// Panics: `wait already in progress`.
    pub(crate) fn wait(self: &Arc<Self>) {
        before_block();
        let _away = away();
        let mut s = self.lock();
        let waiting = std::mem::replace(&mut s.waiting, true);
        drop(s);
        assert!(!waiting, "wait already in progress");
        let bubble = self.clone();
        // No goroutine is woken before this wait is counted, which is after the commit.
        hand_over(WaitReason::SynctestWait, move |me| {
            bubble.lock().waiter = Some(me);
            None
        });
        self.lock().waiting = false;
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
                // What the functions own is dropped by goroutines of the bubble.
                self.drop_timers();
                if self.lock().total == 0 {
                    return End::Empty;
                }
                continue;
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

    /// The root sleeps until no other goroutine runs.
    fn rest(self: &Arc<Self>) {
        // The root may be gone as soon as it can be found.
        let bubble = self.clone();
        hand_over(WaitReason::SynctestRun, move |root| {
            let me = root.g();
            let mut s = bubble.lock();
            s.root = Some(root);
            let next = s.next();
            drop(s);
            wake_other(next, me)
        });
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
        // The scheduler otherwise runs these: they take spinlocks, ready and start goroutines (which inherit
        // the bubble from us). A goroutine may do that too.
        due.into_iter().for_each(Due::fire);
    }

    /// No goroutine is left: what is still armed are functions that will never run. Their `fire`,
    /// called early, lets them go.
    fn drop_timers(&self) {
        while let Some(due) = self.timers.pop_due(i64::MAX - 1) {
            due.fire();
        }
    }
}
