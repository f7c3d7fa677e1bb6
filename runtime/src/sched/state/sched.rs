//! `sched`: what all Ps share. The global queue, the idle Ps and Ms, the counters.

use super::alarm::Alarm;
use super::idle_ms::IdleMs;
use super::idle_state::IdleState;
use super::left::Left;
use super::line::Line;
use super::m::M;
use super::never_freed::AtomicRef;
use super::p::{FreeP, P};
use super::poll_mark::PollMark;
use super::runnable::Runnable;
use super::wanted;
use crate::sys::spin::{SpinGuard, SpinMutex};
use crate::sys::thread;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, AtomicU64, AtomicUsize, Ordering};

/// The most Ps that can ever be.
pub(crate) const MAX_PROCS: usize = 4096;

/// How far into the line, and among the idle Ms, to look for one that had better go before the first, because of its CPU. (A
/// few for each P will do.)
const MOST_LOOKS: usize = 16;
const LOOKS: usize = 4;

/// Reached by [`Sched::lock`].
struct Guarded {
    queue: VecDeque<Runnable>,
    /// Goroutines that have not begun, kept back while there are too many hogs.
    held_back: VecDeque<Runnable>,
    /// Goroutines that have used up a slice and wait for their next turn, on their threads.
    line: Line,
    idle_ps: Option<FreeP>,
    idle_ms: IdleMs,
}

/// The scheduler's shared state; one per process.
pub(crate) struct Sched {
    guarded: SpinMutex<Guarded>,
    /// Length of the global queue, readable without the lock.
    queue_len: AtomicUsize,
    /// Length of the line, and since when its head has been there; of those held back.
    line_len: AtomicUsize,
    line_since: AtomicI64,
    held_back_len: AtomicUsize,
    /// How often one was taken from the line.
    turns: AtomicU64,
    /// Which Ps and Ms are idle, and which Ms look for work.
    pub(crate) idle: IdleState,
    /// Which M blocks in the poller.
    pub(crate) poll: PollMark,
    /// What ends sysmon's sleep.
    pub(crate) alarm: Alarm,
    /// GOMAXPROCS.
    procs: AtomicUsize,
    all_ps: [AtomicRef<P>; MAX_PROCS],
    /// Ps ever made.
    made_ps: AtomicUsize,
    /// Threads of ours (sysmon not counted).
    threads: AtomicI32,
    /// `debug::set_max_threads`.
    max_threads: AtomicI32,
    /// Goroutines made and ended without a P.
    created: AtomicU64,
    finished: AtomicU64,
    /// sysmon's coarse clock.
    now: AtomicI64,
    /// `GODEBUG=migrate=0`: every goroutine has a thread to itself from its start to its end.
    pin_all: AtomicBool,
}

/// The one scheduler.
pub(crate) static SCHED: Sched = Sched {
    guarded: SpinMutex::new(Guarded {
        queue: VecDeque::new(),
        held_back: VecDeque::new(),
        line: Line::new(),
        idle_ps: None,
        idle_ms: IdleMs::new(),
    }),
    queue_len: AtomicUsize::new(0),
    line_len: AtomicUsize::new(0),
    line_since: AtomicI64::new(0),
    held_back_len: AtomicUsize::new(0),
    turns: AtomicU64::new(0),
    idle: IdleState::new(),
    poll: PollMark::new(),
    alarm: Alarm::new(),
    procs: AtomicUsize::new(0),
    all_ps: [const { AtomicRef::none() }; MAX_PROCS],
    made_ps: AtomicUsize::new(0),
    threads: AtomicI32::new(0),
    max_threads: AtomicI32::new(10_000),
    created: AtomicU64::new(0),
    finished: AtomicU64::new(0),
    now: AtomicI64::new(0),
    pin_all: AtomicBool::new(false),
};

/// The global queue keeps room for this many when a batch has emptied it.
const KEPT: usize = 1 << 15;

fn room_of_empty<T>(queue: &mut VecDeque<T>) -> VecDeque<T> {
    if queue.is_empty() && queue.capacity() > KEPT {
        return std::mem::take(queue);
    }
    VecDeque::new()
}

#[cfg(test)]
#[test]
fn a_queue_that_was_long_gives_its_room_back() {
    let mut queue = VecDeque::from([1, 2]);
    queue.reserve(2 * KEPT);
    assert_eq!(room_of_empty(&mut queue).capacity(), 0, "it is not empty");
    queue.clear();
    assert!(room_of_empty(&mut queue).capacity() > KEPT);
    queue.reserve(KEPT / 2);
    assert_eq!(room_of_empty(&mut queue).capacity(), 0, "it is not long");
}

/// The lock of [`SCHED`], held; everything guarded is reached through it.
pub(crate) struct Locked(SpinGuard<'static, Guarded>);

impl Locked {
    #[inline(always)]
    fn g(&mut self) -> &mut Guarded {
        &mut self.0
    }

    /// Takes one from the global head.
    #[inline]
    pub(super) fn take(&mut self) -> Option<Runnable> {
        let g = self.g().queue.pop_front();
        self.update_len();
        g
    }

    /// The room of the global queue, if it is empty and was long: to be freed with nothing locked.
    pub(super) fn take_room(&mut self) -> VecDeque<Runnable> {
        room_of_empty(&mut self.g().queue)
    }

    /// Goroutines in the global queue.
    #[inline]
    pub(super) fn queued(&mut self) -> usize {
        self.g().queue.len()
    }

    #[inline]
    fn update_len(&mut self) {
        let n = self.g().queue.len();
        SCHED.queue_len.store(n, Ordering::Relaxed);
    }

    /// Puts `m` at the end of the line. Was it empty?
    fn put_in_line(&mut self, m: &'static M, now: i64) -> bool {
        let first = self.line_is_empty();
        self.push_to_line(m, now);
        self.update_line();
        first
    }

    /// Takes the M whose turn it is. The caller wakes it, with a P.
    pub(crate) fn take_from_line(&mut self, left: Left) -> Option<&'static M> {
        let m = self.pop_from_line(left);
        self.update_line();
        m
    }

    /// Is the line empty?
    pub(crate) fn line_is_empty(&mut self) -> bool {
        self.g().line.len() == 0
    }

    /// Takes an idle M, or the M whose turn it is, as [`take_from_line`](Self::take_from_line), and puts `m` at the end
    /// of the line. To those without the lock the line does not become empty, or its watcher might go just then.
    pub(crate) fn change_places(
        &mut self,
        m: &'static M,
        now: i64,
        for_idle: bool,
    ) -> Option<&'static M> {
        let next = if for_idle {
            // It looks for what there is to do.
            self.take_idle_m(m.cpu.load(Ordering::Relaxed))
        } else {
            self.pop_from_line(Left::now(m.cpu.load(Ordering::Relaxed)))
        };
        self.push_to_line(m, now);
        self.update_line();
        next
    }

    fn push_to_line(&mut self, m: &'static M, now: i64) {
        self.g().line.push(m, now);
    }

    fn pop_from_line(&mut self, left: Left) -> Option<&'static M> {
        // Where not all CPUs are busy the kernel wakes a thread on an idle one. (Known since the boot: this is
        // async-signal-safe.)
        let all_busy = SCHED.procs() >= thread::num_cpu();
        let look = (LOOKS * SCHED.procs()).min(MOST_LOOKS);
        let look = if all_busy { look } else { 0 };
        let m = self.g().line.pop(left, look)?;
        let turns = SCHED.turns();
        SCHED.turns.store(turns + 1, Ordering::Relaxed);
        Some(m)
    }

    fn update_line(&mut self) {
        let line = &self.g().line;
        let (len, since) = (line.len(), line.head_since());
        SCHED.line_len.store(len, Ordering::Relaxed);
        SCHED.line_since.store(since, Ordering::Relaxed);
    }

    /// Puts a P on the idle list.
    pub(crate) fn put_idle_p(&mut self, p: FreeP) {
        debug_assert!(!p.has_queued());
        p.turn_begins(0);
        p.push_to(&mut self.g().idle_ps);
        SCHED.idle.p_rests();
    }

    /// Takes an idle P.
    pub(crate) fn take_idle_p(&mut self) -> Option<FreeP> {
        let p = FreeP::pop_from(&mut self.g().idle_ps)?;
        SCHED.idle.p_taken();
        Some(p)
    }

    /// Takes this very P off the idle list, if it is there.
    pub(crate) fn take_this_idle_p(&mut self, p: &P) -> Option<FreeP> {
        let mut kept: Option<FreeP> = None;
        let mut found = None;
        while let Some(q) = self.take_idle_p() {
            if std::ptr::eq(p, q.p()) {
                found = Some(q);
            } else {
                q.push_to(&mut kept);
            }
        }
        while let Some(q) = FreeP::pop_from(&mut kept) {
            self.put_idle_p(q);
        }
        found
    }

    /// Puts an M on the idle list.
    pub(crate) fn put_idle_m(&mut self, m: &'static M) {
        self.g().idle_ms.put(m);
        SCHED.idle.m_rests();
    }

    /// Is an M idle?
    pub(crate) fn has_idle_m(&mut self) -> bool {
        !self.g().idle_ms.is_empty()
    }

    /// Takes an idle M, if possible one that went to sleep on `cpu`: see [`IdleMs::take`].
    pub(crate) fn take_idle_m(&mut self, cpu: u32) -> Option<&'static M> {
        let m = self.g().idle_ms.take(cpu, MOST_LOOKS)?;
        SCHED.idle.m_taken();
        Some(m)
    }
}

impl Sched {
    /// Takes the lock.
    #[inline(always)]
    pub(crate) fn lock(&'static self) -> Locked {
        Locked(self.guarded.lock())
    }

    /// Takes the lock, if it is free.
    pub(crate) fn try_lock(&'static self) -> Option<Locked> {
        self.guarded.try_lock().map(Locked)
    }

    /// Puts `m` at the end of the line, whose goroutine waits for its turn from now on. The first has sysmon
    /// watched, as long as there is a line. (That it is the first is known under the lock: an earlier look
    /// might be out of date, and the watch over.)
    pub(crate) fn put_in_line(&'static self, m: &'static M, now: i64) {
        let first = self.lock().put_in_line(m, now);
        if first {
            wanted::watch();
        }
    }

    /// Adds one goroutine at the global tail.
    #[inline]
    pub(crate) fn put(&'static self, g: Runnable) {
        let mut s = self.lock_with_room(1, |g| &mut g.queue);
        s.g().queue.push_back(g);
        s.update_len();
    }

    /// Adds many.
    pub(crate) fn put_batch(&'static self, batch: &mut [Option<Runnable>]) {
        let mut s = self.lock_with_room(batch.len(), |g| &mut g.queue);
        // (One by one: `extend` would ask for room at each of them.)
        for g in batch.iter_mut().filter_map(Option::take) {
            s.g().queue.push_back(g);
        }
        s.update_len();
    }

    /// Adds `g` at the global tail and takes the head (maybe `g` itself): one goroutine gives way to
    /// another, under one lock.
    #[inline]
    pub(crate) fn rotate(&'static self, g: Runnable) -> Option<Runnable> {
        let mut s = self.lock_with_room(1, |g| &mut g.queue);
        s.g().queue.push_back(g);
        s.take()
    }

    /// Keeps back a goroutine that has not begun.
    pub(crate) fn hold_back(&'static self, g: Runnable) {
        let mut s = self.lock_with_room(1, |g| &mut g.held_back);
        s.g().held_back.push_back(g);
        let n = s.g().held_back.len();
        SCHED.held_back_len.store(n, Ordering::Relaxed);
    }

    /// The one that was held back first.
    pub(crate) fn take_held_back(&'static self) -> Option<Runnable> {
        let mut s = self.lock();
        let g = s.g().held_back.pop_front();
        let n = s.g().held_back.len();
        SCHED.held_back_len.store(n, Ordering::Relaxed);
        g
    }

    // ---------------------------------------------------------------- without the lock
    //
    // Relaxed: each is a hint to a thread that does not hold the lock. One that may rely on it holds it, or has passed
    // the fence of `IdleState::before_last_look`, and the thread that made the change that of `needs_waking`.

    /// Is anything to be run that belongs to no P?
    #[inline(always)]
    pub(crate) fn has_global_work(&self) -> bool {
        self.queued() != 0 || self.has_line() || self.has_held_back()
    }

    /// How many goroutines are in the global queue.
    #[inline(always)]
    pub(crate) fn queued(&self) -> usize {
        self.queue_len.load(Ordering::Relaxed)
    }

    /// How many Ms are in line.
    #[inline(always)]
    pub(crate) fn in_line(&self) -> usize {
        self.line_len.load(Ordering::Relaxed)
    }

    /// Is an M in line?
    #[inline(always)]
    pub(crate) fn has_line(&self) -> bool {
        self.in_line() != 0
    }

    /// When the head of the line got in it; `i64::MAX` if there is none.
    pub(crate) fn line_since(&self) -> i64 {
        self.line_since.load(Ordering::Relaxed)
    }

    /// Is a goroutine kept back?
    #[inline(always)]
    pub(crate) fn has_held_back(&self) -> bool {
        self.held_back_len.load(Ordering::Relaxed) != 0
    }

    /// How often one was taken from the line.
    pub(crate) fn turns(&self) -> u64 {
        self.turns.load(Ordering::Relaxed)
    }

    /// The lock, with room for `n` more in `queue`: it does not allocate under it.
    #[inline]
    fn lock_with_room(
        &'static self,
        n: usize,
        queue: impl Fn(&mut Guarded) -> &mut VecDeque<Runnable>,
    ) -> Locked {
        let mut s = self.lock();
        let q = queue(s.g());
        if q.capacity() - q.len() >= n {
            return s;
        }
        drop(s);
        self.grow_and_lock(n, queue)
    }

    #[cold]
    #[inline(never)]
    fn grow_and_lock(
        &'static self,
        n: usize,
        queue: impl Fn(&mut Guarded) -> &mut VecDeque<Runnable>,
    ) -> Locked {
        let mut larger = VecDeque::new();
        loop {
            let mut s = self.lock();
            let queue = queue(s.g());
            if queue.capacity() - queue.len() >= n {
                return s;
            }
            if larger.capacity() >= queue.len() + n {
                larger.extend(queue.drain(..));
                std::mem::swap(queue, &mut larger);
                // What it replaces is not freed under the lock either. (And we look again, since it was given up.)
                drop(s);
                larger = VecDeque::new();
                continue;
            }
            let want = (2 * queue.capacity()).max(queue.len() + n).max(1024);
            drop(s);
            larger = VecDeque::with_capacity(want);
        }
    }

    /// Takes one from the global head.
    pub(crate) fn take(&'static self) -> Option<Runnable> {
        self.lock().take()
    }

    // ---------------------------------------------------------------- the Ps

    /// GOMAXPROCS. It may change at any time; not while the caller holds the lock under which it is
    /// [set](Self::set_procs).
    #[inline(always)]
    pub(crate) fn procs(&self) -> usize {
        self.procs.load(Ordering::Relaxed)
    }

    /// Sets it, under the lock of the Ps that were put away, and returns what it was. In order with the numbers of the
    /// idle, for [`all_idle`](Self::all_idle).
    pub(crate) fn set_procs(&self, n: usize) -> usize {
        self.procs.swap(n, Ordering::SeqCst)
    }

    /// How many Ps were ever made. Acquire: pairs with [`add_p`](Self::add_p). A P is counted here before it is first
    /// put on the idle list: a thread that reads the number of the idle and then this one misses none of them.
    #[inline(always)]
    pub(crate) fn made_ps(&self) -> usize {
        self.made_ps.load(Ordering::Acquire)
    }

    /// A P by number, of those that have been made.
    #[inline]
    pub(crate) fn p(&self, i: usize) -> &'static P {
        self.all_ps[i].load(Ordering::Acquire).expect("was made")
    }

    /// All Ps ever made; some may be retired.
    pub(crate) fn ps(&'static self) -> impl Iterator<Item = &'static P> {
        (0..self.made_ps()).map(|i| self.p(i))
    }

    /// Registers a new P; under the lock of `gomaxprocs`.
    pub(crate) fn add_p(&self, p: &'static P) {
        let i = self.made_ps.load(Ordering::Relaxed);
        self.all_ps[i].store(Some(p), Ordering::Release);
        self.made_ps.store(i + 1, Ordering::Release);
    }

    /// When the first timer of all Ps is due; `i64::MAX` if there is none.
    pub(crate) fn first_timer(&'static self) -> i64 {
        let firsts = self.ps().map(|p| p.timers.first());
        firsts.min().unwrap_or(i64::MAX)
    }

    /// Is every P idle?
    pub(crate) fn all_idle(&self) -> bool {
        self.idle.ps_in_order() as usize >= self.procs.load(Ordering::SeqCst)
    }

    // ---------------------------------------------------------------- threads

    /// One more thread of ours is made, or begins; how many are there now? In order with the numbers of the idle: a
    /// thread that is being made is counted before it has its M.
    pub(crate) fn thread_comes(&self) -> i32 {
        self.threads.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// One ends, or was not made.
    pub(crate) fn thread_goes(&self) {
        self.threads.fetch_sub(1, Ordering::SeqCst);
    }

    /// Threads of ours, without sysmon. In order with the numbers of the idle.
    pub(crate) fn threads(&self) -> i32 {
        self.threads.load(Ordering::SeqCst)
    }

    /// The most threads of ours that there may be.
    pub(crate) fn max_threads(&self) -> i32 {
        self.max_threads.load(Ordering::Relaxed)
    }

    /// `debug::set_max_threads`; returns what it was.
    pub(crate) fn set_max_threads(&self, n: i32) -> i32 {
        self.max_threads.swap(n, Ordering::Relaxed)
    }

    // ---------------------------------------------------------------- sysmon's clock, and what the program wants

    /// sysmon has looked at the clock.
    pub(crate) fn clock_shows(&self, now: i64) {
        self.now.store(now, Ordering::Relaxed);
    }

    /// What the clock showed at sysmon's last round.
    #[inline(always)]
    pub(crate) fn coarse_now(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }

    /// Every goroutine has a thread to itself; at boot.
    pub(crate) fn pin_all(&self) {
        self.pin_all.store(true, Ordering::Relaxed);
    }

    /// Has every goroutine a thread to itself?
    #[inline(always)]
    pub(crate) fn pins_all(&self) -> bool {
        self.pin_all.load(Ordering::Relaxed)
    }

    // ---------------------------------------------------------------- goroutines

    /// A goroutine was made without a P. Release, here and below: as for those [with one](P::ended).
    pub(crate) fn count_made(&self) {
        self.created.fetch_add(1, Ordering::Release);
    }

    /// One has ended without a P.
    pub(crate) fn count_ended(&self) {
        self.finished.fetch_add(1, Ordering::Release);
    }

    /// Goroutines that exist, without the runtime's own.
    pub(crate) fn goroutines(&'static self) -> u64 {
        // Ended ones first: a goroutine counted as ended was made before.
        let ended: u64 =
            self.finished.load(Ordering::Acquire) + self.ps().map(P::ended).sum::<u64>();
        self.made().saturating_sub(ended)
    }

    /// Goroutines ever made, without the runtime's own.
    pub(crate) fn made(&'static self) -> u64 {
        let with_p: u64 = self.ps().map(|p| p.made()).sum();
        self.created.load(Ordering::Acquire) + with_p
    }
}
