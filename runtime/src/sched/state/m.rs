//! M: one OS thread of ours. Its own stack is g0, where the scheduler runs.
//!
//! Ms are made on demand, sleep on the idle list when there is nothing to do, and are never freed: the
//! M of a thread that ends with its locked goroutine serves the next new thread.

use super::hog::Hog;
use super::home::Home;
use super::never_freed::AtomicRef;
use super::own::Own;
use super::owned::Owned;
use super::owner_word::OwnerWord;
use super::p::{FreeP, P};
use super::pause_word::PauseWord;
use super::record::Buffer;
use super::runnable::{Left, Runnable};
use crate::g::header::{GWord, MName};
use crate::g::{GRef, Me};
use crate::sys::mutex::Mutex;
use crate::sys::thread::{self, Thread, ThreadStack};
use crate::sys::walk::SavedWord;
use crate::sys::{futex, tls};
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr;
use std::sync::atomic::{
    AtomicBool, AtomicI32, AtomicI64, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};
use std::time::Duration;

/// What an M runs on.
pub(crate) struct Body {
    pub(crate) stack: ThreadStack,
    /// The last thread that was started on it; joined before the next one is.
    pub(crate) thread: Option<Thread>,
}

impl Body {
    /// The stack, if its thread has ended.
    pub(crate) fn into_stack(self) -> Result<ThreadStack, Body> {
        let Body { stack, thread } = self;
        match thread.map(Thread::try_join) {
            None | Some(Ok(())) => Ok(stack),
            Some(Err(thread)) => Err(Body {
                stack,
                thread: Some(thread),
            }),
        }
    }
}

/// An OS thread. See the [module](self); sched/README.md says which thread may touch what.
#[repr(C, align(128))]
pub(crate) struct M {
    /// Which P it has, and whether it is inside the runtime.
    pub(super) owner: OwnerWord,
    /// In a bracketed blocking call.
    pub(crate) in_syscall: AtomicBool,
    /// Has its goroutine used up a time slice, and keeps the thread?
    pub(crate) hog: Hog,
    /// Through it sysmon and the signal handler agree which of them owns the running goroutine.
    pub(crate) pause: PauseWord,
    /// How often the signal found it where it may not be paused.
    pub(crate) refusals: AtomicU32,
    /// Where its goroutine was interrupted, if it is paused or frozen; and is it frozen, for good?
    pub(crate) stopped_at: SavedWord,
    pub(crate) frozen: AtomicBool,
    /// Next in the line of Ms that wait for their turn; under `SCHED.lock`.
    pub(crate) line_link: AtomicRef<M>,
    /// When it got in line.
    pub(crate) line_since: AtomicI64,
    /// How many it has passed there, less by how many it was passed; under `SCHED.lock`.
    pub(crate) passed: AtomicI32,
    /// The CPU on which it stands there.
    pub(crate) cpu: AtomicU32,
    /// Looks for work and is counted in `SCHED.spinning`.
    pub(crate) spinning: SpinFlag,
    /// What only its own thread touches.
    own: Owned<Own>,
    /// The goroutine it runs; none on g0. Written by itself, read by sysmon and dumps.
    pub(crate) curg: GWord,
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
    /// Next on the idle list, or of all Ms.
    pub(crate) idle_link: AtomicRef<M>,
    all_link: AtomicRef<M>,
    pub(crate) id: u64,
    /// What a trace knows of it: which goroutine it runs, since when, on which P, and when that P
    /// was taken.
    pub(crate) slice_g: AtomicU64,
    pub(crate) slice_since: AtomicI64,
    pub(crate) slice_p: AtomicU32,
    pub(crate) slice_cut: AtomicI64,
    pub(crate) events: Buffer,
    /// Its thread and that one's stack, which serves the M's next thread. For the template thread.
    pub(crate) body: Mutex<Option<Body>>,
    /// The kernel's id of the thread.
    pub(crate) tid: AtomicI32,
    /// Relaxed loads and stores: two threads that used it at once would draw the same number, no more.
    rng: AtomicU64,
    /// Waits for its locked goroutine to become runnable.
    pub(crate) waits_locked: AtomicBool,
    /// Blocks in the poller.
    pub(crate) in_poll: AtomicBool,
    /// Below this the running goroutine's stack pointer must not go without growing the stack;
    /// `usize::MAX` asks it to give way. About the *current* segment of the current goroutine.
    /// (Here and not in the G, so that sysmon's late write cannot hit a recycled slot.)
    pub(crate) stackguard: AtomicUsize,
}

/// A flag that its thread alone writes (or whoever holds the sleeping M), and dumps read.
pub(crate) struct SpinFlag(AtomicBool);

impl SpinFlag {
    #[inline(always)]
    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
    #[inline(always)]
    pub(crate) fn set(&self, on: bool) {
        self.0.store(on, Ordering::Relaxed);
    }
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
/// Ms without a thread.
static RETIRED: Mutex<Vec<FreeM>> = Mutex::new(Vec::new());

impl M {
    /// An M for a thread that starts: one whose thread has ended, or a new one.
    #[expect(
        clippy::new_ret_no_self,
        reason = "there is one of each, which no thread is yet"
    )]
    pub(crate) fn new() -> FreeM {
        let retired = RETIRED.lock().pop();
        retired.unwrap_or_else(|| {
            let m = Self::make();
            ALL.push(m, &m.all_link);
            FreeM(m)
        })
    }

    /// Has it a thread now? For what is shown.
    pub(crate) fn has_thread(&self) -> bool {
        cfg!(not(target_os = "linux")) || self.tid.load(Ordering::Relaxed) != 0
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

    fn make() -> &'static M {
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        Box::leak(Box::new(M {
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
            spinning: SpinFlag(AtomicBool::new(false)),
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
            slice_g: AtomicU64::new(0),
            slice_since: AtomicI64::new(0),
            slice_p: AtomicU32::new(0),
            slice_cut: AtomicI64::new(0),
            events: Buffer::new(),
            body: Mutex::new(None),
            tid: AtomicI32::new(0),
            rng: AtomicU64::new(
                0x9E37_79B9_7F4A_7C15 ^ (id + 1).wrapping_mul(0xD134_2543_DE82_EF95),
            ),
            waits_locked: AtomicBool::new(false),
            in_poll: AtomicBool::new(false),
            stackguard: AtomicUsize::new(0),
        }))
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

    /// The goroutine that runs here.
    #[inline(always)]
    pub(crate) fn curg(&self) -> Option<GRef> {
        self.curg.load(Ordering::Relaxed)
    }

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

    /// It is about to wait in line: notes where.
    pub(crate) fn stands_here(&self) {
        let cpu = thread::cpu();
        self.cpu.store(cpu, Ordering::Relaxed);
        if let Some(p) = self.p() {
            p.cpu.store(cpu, Ordering::Relaxed);
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

/// An M that no thread is: the right to make one it. There is one of it, which is handed on until then.
#[must_use = "the M would be lost"]
pub(crate) struct FreeM(&'static M);

impl Deref for FreeM {
    type Target = M;
    fn deref(&self) -> &M {
        self.0
    }
}

impl FreeM {
    /// # Safety
    /// No thread is the M, nobody else has this of it, and from now on the caller does.
    pub(crate) unsafe fn new(m: &'static M) -> FreeM {
        FreeM(m)
    }

    /// Which M it is. That says nothing about whose it is.
    pub(crate) fn m(&self) -> &'static M {
        self.0
    }

    /// Makes the calling thread, a plain one, this M.
    pub(crate) fn bind(self) -> Bound {
        let m = self.0;
        tls::set(ptr::from_ref(m).cast_mut().cast());
        m.tid.store(thread::id(), Ordering::Relaxed);
        thread::set_precise_timers();
        Bound {
            m: self,
            stays: PhantomData,
        }
    }

    /// Its thread has ended, or was never made: it is as new.
    pub(crate) fn retire(self) {
        debug_assert!(self.p().is_none() && self.curg().is_none() && !self.hog.is_hog());
        self.tid.store(0, Ordering::Relaxed);
        self.spinning.set(false);
        self.note.store(0, Ordering::Relaxed);
        self.passed.store(0, Ordering::Relaxed);
        self.cpu.store(u32::MAX, Ordering::Relaxed);
        self.lock_to(None);
        RETIRED.lock().push(self);
    }
}

/// The calling thread is an M.
#[must_use = "the thread stays an M"]
pub(crate) struct Bound {
    m: FreeM,
    /// It is about the calling thread.
    stays: PhantomData<*const ()>,
}

impl Bound {
    /// Makes the calling thread a plain one again.
    pub(crate) fn unbind(self) -> FreeM {
        tls::set(ptr::null_mut());
        self.m
    }
}

/// The calling thread's M, as the proof that it is. Never kept over a suspension.
pub(crate) struct Mine {
    m: &'static M,
    /// It is about the calling thread.
    stays: PhantomData<*const ()>,
}

impl Deref for Mine {
    type Target = M;
    #[inline(always)]
    fn deref(&self) -> &M {
        self.m
    }
}

impl Mine {
    /// `None` on a plain thread.
    #[inline(always)]
    pub(super) fn get() -> Option<Mine> {
        let (m, stays) = (M::current()?, PhantomData);
        Some(Mine { m, stays })
    }

    /// Which M it is. That proves nothing.
    #[inline(always)]
    pub(super) fn m(&self) -> &'static M {
        self.m
    }

    /// What only its own thread touches.
    #[inline(always)]
    pub(super) fn own(&self) -> &Own {
        // SAFETY: the M is the calling thread's, and this is not kept over a suspension. A `Commit`, which may not go
        // to another thread, is run by the one that has made it.
        unsafe { self.m.own.get() }
    }

    /// Becomes the owner of `p`.
    pub(super) fn acquire_p(&self, p: FreeP) {
        p.set_owner(self.m);
        self.m.owner.acquire(ptr::from_ref(p.p()) as usize);
    }

    /// Gives up its P.
    ///
    /// # Safety
    /// Inside the runtime; nothing uses the P's private parts.
    pub(super) unsafe fn release_p(&self) -> Option<FreeP> {
        // SAFETY: as in `M::p`. Who changes the word to 0 has the P: this swap, or an examiner's CAS.
        let p = unsafe { FreeP::new((self.m.owner.release() as *const P).as_ref()?) };
        p.clear_owner();
        Some(p)
    }
}

/// The running goroutine, and the M that it runs on. Never kept over a suspension.
pub(crate) struct Here {
    pub(super) mine: Mine,
    pub(crate) g: GRef,
}

impl Here {
    /// `None` on a plain thread, and on g0.
    #[inline(always)]
    pub(crate) fn get() -> Option<Here> {
        let mine = Mine::get()?;
        let g = mine.curg()?;
        Some(Here { mine, g })
    }

    /// The M.
    #[inline(always)]
    pub(crate) fn m(&self) -> &'static M {
        self.mine.m
    }

    /// What only the M's own thread touches.
    #[inline(always)]
    pub(crate) fn own(&self) -> &Own {
        self.mine.own()
    }
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

impl P {
    fn set_owner(&self, m: &'static M) {
        let m = ptr::from_ref(m).cast_mut();
        self.owner.store(m.cast(), Ordering::Release);
    }

    pub(crate) fn clear_owner(&self) {
        self.owner.store(ptr::null_mut(), Ordering::Release);
    }

    /// The M that owned it a moment ago.
    pub(crate) fn owner(&self) -> Option<&'static M> {
        // SAFETY: null, or stored from an M; Ms are never freed.
        unsafe { self.owner.load(Ordering::Acquire).cast::<M>().as_ref() }
    }

    /// In debug builds: is the caller the owner? Either the M that has it, inside the runtime, or a
    /// thread that holds it while no M has it.
    #[inline(always)]
    pub(super) fn check_owner(&self) {
        debug_assert!(
            self.owner()
                .is_none_or(|m| { M::current().is_some_and(|me| ptr::eq(me, m)) && m.is_inside() }),
            "the private parts of another M's P"
        );
    }
}

/// Is `m` the process's first thread, which runs the main goroutine alone, and that only while it is
/// bound (`os_thread.rs`), or stays?
pub(crate) fn is_first(m: &M) -> bool {
    FIRST
        .load(Ordering::Relaxed)
        .is_some_and(|first| ptr::eq(first, m))
}

/// The process's first thread, if it is ours. It runs the main goroutine alone, and that only while it is
/// bound, or stays: other goroutines run on threads that look to code which asks for its thread's stack as if
/// they had room without end (their own stacks lie below the arena, the first one's above it).
pub(crate) static FIRST: AtomicRef<M> = AtomicRef::none();
