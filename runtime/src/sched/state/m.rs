//! M: one OS thread of ours. Its own stack is g0, where the scheduler runs.
//!
//! Ms are made on demand, sleep on the idle list when there is nothing to do, and are never freed: the
//! M of a thread that ends with its locked goroutine serves the next new thread.

use super::body::Body;
use super::hog::Hog;
use super::home::Home;
use super::never_freed::AtomicRef;
use super::own::Own;
use super::owned::Owned;
use super::owner_word::OwnerWord;
use super::p::{FreeP, P};
use super::pause_word::PauseWord;
use super::record::Buffer;
use super::run_note::RunNote;
use super::runnable::{Left, Runnable};
use crate::g::header::{GWord, MName};
use crate::g::{GRef, Me};
use crate::sys::mutex::Mutex;
use crate::sys::thread;
use crate::sys::walk::{Saved, SavedWord};
use crate::sys::{futex, tls};
use std::ptr;
use std::sync::atomic::{
    AtomicBool, AtomicI32, AtomicI64, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};
use std::time::Duration;

/// An OS thread. See the [module](self); sched/README.md says which thread may touch what.
#[repr(C, align(128))]
pub(crate) struct M {
    /// Which P it has, and whether it is inside the runtime.
    pub(super) owner: OwnerWord,
    /// In a bracketed blocking call.
    in_syscall: AtomicBool,
    /// Has its goroutine used up a time slice, and keeps the thread?
    pub(crate) hog: Hog,
    /// Through it sysmon and the signal handler agree which of them owns the running goroutine.
    pub(crate) pause: PauseWord,
    /// How often the signal found it where it may not be paused.
    refusals: AtomicU32,
    /// Where its goroutine was interrupted, if it is paused or frozen; and is it frozen, for good?
    stopped_at: SavedWord,
    frozen: AtomicBool,
    /// Next in the line of Ms that wait for their turn; under `SCHED.lock`.
    pub(super) line_link: AtomicRef<M>,
    /// When it got in line.
    pub(super) line_since: AtomicI64,
    /// How many it has passed there, less by how many it was passed; under `SCHED.lock`.
    pub(super) passed: AtomicI32,
    /// The CPU on which it stands there, or sleeps, idle.
    pub(super) cpu: AtomicU32,
    /// Looks for work and is counted in `SCHED.idle`.
    spinning: AtomicBool,
    /// What only its own thread touches.
    pub(super) own: Owned<Own>,
    /// The goroutine it runs; none on g0. Written by itself, read by sysmon and dumps.
    curg: GWord,
    /// 1 = woken.
    note: AtomicU32,
    /// The P to start with after being woken: no other M has it.
    next_p: AtomicRef<P>,
    /// The goroutine with which one is woken that is bound to it.
    next_g: Left,
    /// The goroutine that alone runs here: its name, which gives no right to it. Written where it is locked, in
    /// order before it is queued, so that who takes it from a queue finds it here.
    locked_g: GWord,
    /// Whether, and which, goroutines stay here.
    pub(crate) home: Home,
    /// Next on the list of idle Ms, or of those that want a thread: whose that list is.
    pub(super) idle_link: AtomicRef<M>,
    all_link: AtomicRef<M>,
    pub(crate) id: u64,
    /// What a trace knows of it.
    pub(super) run_note: RunNote,
    pub(super) events: Buffer,
    /// Its thread and that one's stack, which serves the M's next thread. For the template thread.
    pub(super) body: Mutex<Option<Body>>,
    /// The kernel's id of the thread.
    tid: AtomicI32,
    /// Relaxed loads and stores: two threads that used it at once would draw the same number, no more.
    rng: AtomicU64,
    /// Waits for its locked goroutine to become runnable.
    waits_locked: AtomicBool,
    /// Blocks in the poller.
    in_poll: AtomicBool,
    /// Below this the running goroutine's stack pointer must not go without growing the stack;
    /// `usize::MAX` asks it to give way. About the *current* segment of the current goroutine.
    /// (Here and not in the G, so that sysmon's late write cannot hit a recycled slot.)
    stackguard: AtomicUsize,
}

/// Why an M rests that is not on the idle list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Until the goroutine that it alone may run can run.
    Bound,
    /// In the poller.
    Poller,
}

static NEXT_ID: AtomicU64 = AtomicU64::new(0);
/// All of them, a push-only list.
static ALL: AtomicRef<M> = AtomicRef::none();
/// Where a debugger finds the list, and where in an M are the next one, its goroutine, its thread's number.
pub(crate) const FIRST_OF_ALL: *const () = (&raw const ALL).cast();
pub(crate) const LAYOUT: [usize; 3] = [
    std::mem::offset_of!(M, all_link),
    std::mem::offset_of!(M, curg),
    std::mem::offset_of!(M, tid),
];

impl M {
    /// Has it a thread now? For what is shown.
    pub(crate) fn has_thread(&self) -> bool {
        cfg!(not(target_os = "linux")) || self.tid() != 0
    }

    /// All Ms ever made.
    pub(crate) fn all() -> impl Iterator<Item = &'static M> {
        let first = ALL.load(Ordering::Acquire);
        std::iter::successors(first, |m| m.all_link.load(Ordering::Relaxed))
    }

    /// How many there are.
    #[cfg(test)]
    pub(crate) fn made() -> u64 {
        NEXT_ID.load(Ordering::Relaxed)
    }

    /// One more.
    pub(super) fn make() -> &'static M {
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        let m = Box::leak(Box::new(M {
            owner: OwnerWord::new(),
            in_syscall: AtomicBool::new(false),
            hog: Hog::new(),
            pause: PauseWord::new(),
            refusals: AtomicU32::new(0),
            stopped_at: SavedWord::default(),
            frozen: AtomicBool::new(false),
            line_link: AtomicRef::none(),
            line_since: AtomicI64::new(0),
            passed: AtomicI32::new(0),
            cpu: AtomicU32::new(u32::MAX),
            spinning: AtomicBool::new(false),
            own: Owned::new(Own::new(id << 44)),
            curg: GWord::none(),
            note: AtomicU32::new(0),
            next_p: AtomicRef::none(),
            next_g: Left::none(),
            locked_g: GWord::none(),
            home: Home::new(),
            idle_link: AtomicRef::none(),
            all_link: AtomicRef::none(),
            id,
            run_note: RunNote::new(),
            events: Buffer::new(),
            body: Mutex::new(None),
            tid: AtomicI32::new(0),
            rng: AtomicU64::new(
                0x9E37_79B9_7F4A_7C15 ^ (id + 1).wrapping_mul(0xD134_2543_DE82_EF95),
            ),
            waits_locked: AtomicBool::new(false),
            in_poll: AtomicBool::new(false),
            stackguard: AtomicUsize::new(0),
        }));
        ALL.push(m, &m.all_link);
        m
    }

    // ---------------------------------------------------------------- its thread

    /// A thread has become this M.
    pub(super) fn has_begun(&self, tid: i32) {
        self.tid.store(tid, Ordering::Relaxed);
    }

    /// Its thread has ended, or was never made: it is as new.
    pub(super) fn is_as_new(&self) {
        debug_assert!(self.p().is_none() && self.curg().is_none() && !self.hog.is_hog());
        self.tid.store(0, Ordering::Relaxed);
        self.set_spinning(false);
        self.note.store(0, Ordering::Relaxed);
        self.passed.store(0, Ordering::Relaxed);
        self.cpu.store(u32::MAX, Ordering::Relaxed);
        self.lock_to(None);
    }

    /// The kernel's number of its thread. That may have ended, or be another one by now: a hint.
    pub(crate) fn tid(&self) -> i32 {
        self.tid.load(Ordering::Relaxed)
    }

    /// The M of the calling thread; `None` on a plain thread. Never keep it over a suspension.
    #[inline(always)]
    pub(crate) fn current() -> Option<&'static M> {
        // SAFETY: the word is null or was set by `bind`, and Ms are never freed.
        unsafe { tls::get().cast::<M>().as_ref() }
    }

    /// The goroutine that alone runs here.
    #[inline(always)]
    pub(crate) fn locked_g(&self) -> Option<GRef> {
        self.locked_g.load(Ordering::Relaxed)
    }

    /// That one alone runs here from now on; or any.
    pub(crate) fn lock_to(&self, g: Option<GRef>) {
        self.locked_g.store(g, Ordering::Relaxed);
    }

    // ---------------------------------------------------------------- its goroutine

    /// The goroutine that runs here.
    #[inline(always)]
    pub(crate) fn curg(&self) -> Option<GRef> {
        self.curg.load(Ordering::Relaxed)
    }

    /// It is about to resume `g`, whose stack has its end where `g` says. Relaxed, as all of this: others see what was
    /// true a moment ago.
    #[inline(always)]
    pub(crate) fn resumes(&self, g: GRef) {
        self.heard(g);
        self.curg.store(Some(g), Ordering::Relaxed);
    }

    /// Its goroutine has left its stack.
    #[inline(always)]
    pub(crate) fn has_left(&self) {
        self.curg.store(None, Ordering::Relaxed);
    }

    /// Asks the goroutine that runs here to give way, at its next look at where its stack ends. It may be another by
    /// then, and a request may be lost to a [`guard_moves`](Self::guard_moves): sysmon asks again.
    pub(crate) fn ask(&self) {
        self.stackguard.store(usize::MAX, Ordering::Relaxed);
    }

    /// Is the goroutine that runs here, the caller, asked to give way?
    #[inline(always)]
    pub(crate) fn is_asked(&self) -> bool {
        self.stackguard.load(Ordering::Relaxed) == usize::MAX
    }

    /// `g`, which runs here, has heard the request.
    #[inline(always)]
    pub(crate) fn heard(&self, g: GRef) {
        let guard = g.stackguard.load(Ordering::Relaxed);
        self.stackguard.store(guard, Ordering::Relaxed);
    }

    /// Is `sp`, in the goroutine that runs here, below where it may be without a look: has its segment no room left, or
    /// is it asked?
    #[inline(always)]
    pub(crate) fn is_below_guard(&self, sp: usize) -> bool {
        sp < self.stackguard.load(Ordering::Relaxed)
    }

    /// The goroutine that runs here is on another segment from now on. A request that is pending stays pending. (One
    /// that comes between the two is lost; sysmon asks again.)
    pub(crate) fn guard_moves(&self, guard: usize) {
        if !self.is_asked() {
            self.stackguard.store(guard, Ordering::Relaxed);
        }
    }

    /// It is in a bracketed call from now on.
    pub(super) fn enters_call(&self) {
        self.in_syscall.store(true, Ordering::Relaxed);
    }

    /// It is not any more.
    pub(super) fn leaves_call(&self) {
        self.in_syscall.store(false, Ordering::Relaxed);
    }

    /// Is it in a bracketed call? For the M itself, and in its handler; others see what was true a moment ago.
    #[inline(always)]
    pub(crate) fn is_in_call(&self) -> bool {
        self.in_syscall.load(Ordering::Relaxed)
    }

    // ---------------------------------------------------------------- being stopped

    /// In its handler: it may not stop here.
    pub(crate) fn refuses(&self) {
        let n = self.refusals();
        self.refusals.store(n.wrapping_add(1), Ordering::Relaxed);
    }

    /// How often it has refused.
    pub(crate) fn refusals(&self) -> u32 {
        self.refusals.load(Ordering::Relaxed)
    }

    /// In its handler: it is about to stop, its goroutine being there. (The word that says that it has stopped, or
    /// [`freezes`](Self::freezes), publishes it.)
    pub(crate) fn stops_at(&self, at: Saved) {
        self.stopped_at.set(at);
    }

    /// In its handler: it stops for good. Release: who sees it sees where, and the stack as it is.
    pub(super) fn freezes(&self) {
        self.frozen.store(true, Ordering::Release);
    }

    /// Has it stopped for good?
    pub(crate) fn is_frozen(&self) -> bool {
        self.frozen.load(Ordering::Acquire)
    }

    /// Where it has stopped, for who has seen that it has.
    pub(super) fn stopped_at(&self) -> Saved {
        self.stopped_at.get()
    }

    // ---------------------------------------------------------------- its P

    /// Its P, if it has one. (For its private parts: [`Section::p`](super::section::Section::p).)
    #[inline(always)]
    pub(crate) fn p(&self) -> Option<&'static P> {
        // SAFETY: 0, or the address of a P; Ps are never freed.
        unsafe { (self.owner.p() as *const P).as_ref() }
    }

    /// Leaves it a P to start with, before it is woken.
    pub(crate) fn leave_p(&self, p: FreeP) {
        self.next_p.store(Some(p.p()), Ordering::Relaxed);
    }

    /// None was left: it goes on without.
    pub(crate) fn leave_no_p(&self) {
        self.next_p.store(None, Ordering::Relaxed);
    }

    /// Takes what was left.
    pub(crate) fn take_left_p(&self) -> Option<FreeP> {
        let p = self.next_p.swap(None, Ordering::Relaxed)?;
        // SAFETY: put there by `leave_p` alone, of one, which is here.
        Some(unsafe { FreeP::new(p) })
    }

    /// Leaves one that is bound to a goroutine that one, before it is woken; returns what was left before.
    pub(crate) fn leave_g(&self, g: Runnable) -> Option<Runnable> {
        self.next_g.replace(Some(g))
    }

    /// Takes the goroutine that was left.
    pub(crate) fn take_left_g(&self) -> Option<Runnable> {
        self.next_g.replace(None)
    }

    /// Is it inside the runtime? For the M itself; others see what was true a moment ago.
    #[inline(always)]
    pub(crate) fn is_inside(&self) -> bool {
        self.owner.is_inside()
    }

    /// Does it look for work, and is it counted as one that does? For itself; others see what was true a moment ago.
    #[inline(always)]
    pub(crate) fn is_spinning(&self) -> bool {
        self.spinning.load(Ordering::Relaxed)
    }

    /// It is counted as one that looks for work, or is not any more: who changes `SCHED.idle` says so here. It is the M
    /// itself, or the thread that has taken it where it sleeps and is about to wake it.
    #[inline(always)]
    pub(crate) fn set_spinning(&self, on: bool) {
        self.spinning.store(on, Ordering::Relaxed);
    }

    // ---------------------------------------------------------------- sleeping

    /// Its turn has ended: it has used `cpu` nanoseconds so far, and `share` was its share. Is it a hog only now?
    pub(crate) fn counts_turn(&self, cpu: i64, share: i64) -> bool {
        let new = self.hog.count(cpu, share);
        if new {
            // Whom the goroutine before has passed counts no more.
            self.passed.store(0, Ordering::Relaxed);
        }
        new
    }

    /// It is about to wait in line, or to be idle: notes where.
    pub(crate) fn stands_here(&self) {
        let cpu = thread::cpu();
        self.cpu.store(cpu, Ordering::Relaxed);
        if let Some(p) = self.p() {
            p.given_up_by(self.id, cpu);
        }
    }

    /// Sleeps until [`wake`](Self::wake).
    pub(crate) fn sleep(&self) {
        // Acquire: pairs with the Release in `wake`, which came after `next_p` was set.
        while self.note.swap(0, Ordering::Acquire) == 0 {
            futex::wait(&self.note, 0, None);
        }
    }

    /// Sleeps until [`wake`](Self::wake), or until `patience` has passed and `tired` says that it
    /// need wait no longer: then `false`. Async-signal-safe if `tired` is.
    pub(crate) fn sleep_patiently(&self, patience: Duration, tired: impl Fn() -> bool) -> bool {
        let mut timeout = Some(patience);
        // Acquire: as in `sleep`.
        while self.note.swap(0, Ordering::Acquire) == 0 {
            futex::wait(&self.note, 0, timeout);
            if self.note.load(Ordering::Relaxed) == 0 && timeout.take().is_some() && tired() {
                return false;
            }
        }
        true
    }

    /// Ends the sleep.
    pub(crate) fn wake(&self) {
        self.note.store(1, Ordering::Release);
        futex::wake(&raw const self.note);
    }

    /// Ends the sleep of one that sleeps for a P and was taken from where it waits, with `p`.
    pub(crate) fn wake_with(&self, p: FreeP) {
        self.leave_p(p);
        self.wake();
    }

    /// Rests while `sleep` runs. In order with the numbers of the idle, before `sleep` asks whether all sleep.
    pub(crate) fn rests(&self, how: Rest, sleep: impl FnOnce()) {
        let flag = match how {
            Rest::Bound => &self.waits_locked,
            Rest::Poller => &self.in_poll,
        };
        flag.store(true, Ordering::SeqCst);
        sleep();
        flag.store(false, Ordering::SeqCst);
    }

    /// Does it rest, and how? In order with the numbers of the idle.
    pub(crate) fn rest(&self) -> Option<Rest> {
        if self.waits_locked.load(Ordering::SeqCst) {
            return Some(Rest::Bound);
        }
        let in_poll = self.in_poll.load(Ordering::SeqCst);
        in_poll.then_some(Rest::Poller)
    }

    /// A random number (xorshift64*).
    #[inline(always)]
    pub(crate) fn random(&self) -> u32 {
        let mut x = self.rng.load(Ordering::Relaxed);
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        self.rng.store(x, Ordering::Relaxed);
        (x.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) as u32
    }
}

/// The M that is named there.
#[inline(always)]
pub(crate) fn named(name: &MName) -> Option<&'static M> {
    // SAFETY: none, or the address of an M, as `MName::set` wants it; Ms are never freed.
    unsafe { name.get().cast::<M>().as_ref() }
}

/// Names `m` there.
pub(crate) fn name(at: &MName, m: &'static M) {
    // SAFETY: an M.
    unsafe { at.set(ptr::from_ref(m).cast_mut().cast()) };
}

/// The M that alone may run `g`: its thread is locked, or its home.
#[inline(always)]
pub(crate) fn locked_m(g: GRef) -> Option<&'static M> {
    named(&g.locked_m)
}

/// The running goroutine; `None` on a plain thread.
#[inline(always)]
pub(crate) fn current_g() -> Option<GRef> {
    M::current()?.curg()
}

/// The running goroutine, for itself; `None` on a plain thread.
#[inline(always)]
pub(crate) fn me() -> Option<Me> {
    // SAFETY: the goroutine that the calling thread runs, which is the code that has called.
    current_g().map(|g| unsafe { Me::new(g) })
}

/// The process's first thread, if it is ours. It runs the main goroutine alone, and that only while it is
/// bound (`os_thread.rs`), or stays: other goroutines run on threads that look to code which asks for its thread's
/// stack as if they had room without end (their own stacks lie below the arena, the first one's above it).
static FIRST: AtomicRef<M> = AtomicRef::none();

/// `m` is the first thread's. Release: who finds it finds it as it is made.
pub(crate) fn set_first(m: &'static M) {
    FIRST.store(Some(m), Ordering::Release);
}

/// The process's first thread, if it is ours.
pub(crate) fn first() -> Option<&'static M> {
    FIRST.load(Ordering::Acquire)
}

/// Is `m` that one?
pub(crate) fn is_first(m: &M) -> bool {
    FIRST
        .load(Ordering::Relaxed)
        .is_some_and(|first| ptr::eq(first, m))
}
