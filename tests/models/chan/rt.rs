//! What `chan` asks of the scheduler, answered by shuttle.

#[path = "../../../runtime/src/sys/held.rs"]
mod held;

pub(super) use crate::sync::rt::SpinMutex;
pub(super) use held::Held;
use shuttle::sync::Mutex;
pub(super) use shuttle::sync::atomic::{
    AtomicBool, AtomicI64, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};
use shuttle::{rand::RngCore, thread};
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The lock byte.
pub(super) struct SpinLock(AtomicBool);

impl SpinLock {
    pub(super) const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    pub(super) fn lock(&self) {
        while self.0.swap(true, Ordering::SeqCst) {
            thread::yield_now();
        }
    }

    pub(super) fn unlock(&self) {
        assert!(self.0.swap(false, Ordering::SeqCst), "lock byte not held");
    }
}

/// Kept only for the signature.
#[derive(Clone, Copy)]
#[allow(clippy::enum_variant_names)]
pub(super) enum WaitReason {
    ChanReceive,
    ChanSend,
    ChanReceiveNil,
    ChanSendNil,
    Select,
    SelectNoCases,
}

impl WaitReason {
    pub(super) fn durable(self) -> Self {
        self
    }
}

/// So that a few who wait are several batches.
pub(super) const AT_ONCE: usize = 2;

/// There are no bubbles here.
pub(super) fn current_bubble() -> u32 {
    0
}

pub(super) fn bubbles_exist() -> bool {
    false
}

pub(super) fn point() {}

pub(super) fn fetch(_: Waiter) {}

pub(super) fn fetch_beyond<T>(_: NonNull<T>, _: NonNull<T>) {}

pub(super) fn give_way_if_asked() {}

pub(super) fn throw(message: &str) -> ! {
    panic!("fatal error: {message}")
}

/// Whose time something goes by: there is one clock.
#[derive(Clone)]
pub(super) struct Clock;

impl Clock {
    pub(super) fn current() -> Self {
        Clock
    }

    pub(super) fn bubble(&self) -> u32 {
        0
    }

    pub(super) fn is_foreign(&self) -> bool {
        false
    }

    pub(super) fn now(&self) -> i64 {
        CLOCK.load(Ordering::SeqCst)
    }

    /// The due time of something that starts now and takes `d`. Never the end of time, which means "none" to a heap.
    pub(super) fn due_in(&self, d: Duration) -> i64 {
        let d = i64::try_from(d.as_nanos()).unwrap_or(i64::MAX);
        self.now().saturating_add(d).min(i64::MAX - 1)
    }

    /// # Safety
    /// As the real one's.
    pub(super) unsafe fn arm(&self, node: *const TimerNode, when: i64, _: Looks) {
        // SAFETY: forwarded.
        unsafe { arm(node, when) };
    }
}

/// Kept only for the signature.
pub(super) enum Looks {
    ItsM,
    Nobody,
}

/// A thread's place to sleep; leaked, so that a waiter may be used as freely as the real one.
pub(super) struct Parker {
    woken: AtomicBool,
    thread: thread::Thread,
}

shuttle::thread_local! {
    static PARKER: &'static Parker = Box::leak(Box::new(Parker {
        woken: AtomicBool::new(false),
        thread: thread::current(),
    }));
}

/// A thread or a future.
#[derive(Clone, Copy)]
pub(super) struct Waiter(Kind);

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Thread(&'static Parker),
    Task(NonNull<Task>),
}

#[repr(align(4))]
pub(super) struct Task {
    pub(super) woken: unsafe fn(NonNull<Task>),
}

impl Waiter {
    pub(super) fn current() -> Self {
        Waiter(Kind::Thread(parker()))
    }

    pub(super) fn of_task(task: NonNull<Task>) -> Self {
        Waiter(Kind::Task(task))
    }

    pub(super) fn kind(self) -> Kind {
        self.0
    }
}

/// One who waits, and the right to wake it.
pub(super) struct Parked(Waiter);

impl Parked {
    /// # Safety
    /// As the real one's.
    pub(super) unsafe fn new(waiter: Waiter) -> Self {
        Parked(waiter)
    }

    pub(super) fn wake(self) {
        // SAFETY: as `new` was promised.
        unsafe { ready(self.0) };
    }
}

fn parker() -> &'static Parker {
    PARKER.with(|p| *p)
}

pub(super) fn guarded(f: impl FnOnce()) {
    f();
}

/// A goroutine of the runtime.
pub(super) fn boot() {}

pub(super) fn go<F: FnOnce() + 'static>(f: F) {
    spawn_system(f);
}

pub(super) fn spawn_system<F: FnOnce() + 'static>(f: F) {
    struct Send<F>(F);
    // SAFETY: as for the real one, the caller says so.
    unsafe impl<F> std::marker::Send for Send<F> {}
    let f = Send(f);
    thread::spawn(move || {
        let f = f;
        (f.0)();
    });
}

/// Both ways are tried.
pub(super) fn quick_waiter() -> Option<Waiter> {
    (random() & 1 == 0).then(Waiter::current)
}

pub(super) fn before_block() {}

pub(super) fn about_to_wait() {}

pub(super) struct Away;

pub(super) fn away() -> Away {
    Away
}

pub(super) fn must_not_block() -> bool {
    false
}

pub(super) fn end_sender() -> ! {
    panic!("send on channel without receivers")
}

/// # Safety
/// As the real one's.
pub(super) unsafe fn park(reason: WaitReason, commit: impl FnOnce() -> bool) {
    park_owned(reason, commit);
}

pub(super) fn park_owned(_: WaitReason, commit: impl FnOnce() -> bool) {
    let parker = parker();
    if !commit() {
        return;
    }
    while !parker.woken.swap(false, Ordering::SeqCst) {
        thread::park();
    }
}

/// # Safety
/// As the real one's.
pub(super) unsafe fn park_releasing(_: WaitReason, lock: &SpinLock) {
    let parker = parker();
    lock.unlock();
    while !parker.woken.swap(false, Ordering::SeqCst) {
        thread::park();
    }
}

/// # Safety
/// As the real one's; here a second wake-up for one park is a failure.
pub(super) unsafe fn ready(waiter: Waiter) {
    let parker = match waiter.0 {
        Kind::Thread(parker) => parker,
        // SAFETY: forwarded.
        Kind::Task(task) => return unsafe { (task.as_ref().woken)(task) },
    };
    let twice = parker.woken.swap(true, Ordering::SeqCst);
    assert!(!twice, "readied twice");
    parker.thread.unpark();
}

pub(super) fn random() -> u32 {
    shuttle::rand::thread_rng().next_u32()
}

pub(super) fn pause(_round: u32) {
    thread::yield_now();
}

shuttle::lazy_static! {
    /// Shows the due time of the latest timer that has fired.
    static ref CLOCK: AtomicI64 = AtomicI64::new(1);
    static ref START: Instant = Instant::now();
}

pub(super) fn instant_at(when: i64) -> Instant {
    *START + Duration::from_nanos(when as u64)
}

/// A timer in the heap is a thread that fires it at some time, unless it was disarmed.
pub(super) struct TimerNode {
    fire: unsafe fn(*const TimerNode, i64),
    armed: Mutex<Option<Arc<AtomicBool>>>,
}

impl TimerNode {
    pub(super) fn new(fire: unsafe fn(*const TimerNode, i64)) -> Self {
        TimerNode {
            fire,
            armed: Mutex::new(None),
        }
    }
}

struct SendNode(*const TimerNode);
// SAFETY: used as the real heap uses it.
unsafe impl Send for SendNode {}

/// # Safety
/// As the real one's.
unsafe fn arm(node: *const TimerNode, when: i64) {
    let armed = Arc::new(AtomicBool::new(true));
    let own = armed.clone();
    let node = SendNode(node);
    // SAFETY: alive, as the caller promised.
    let before = unsafe { (*node.0).armed.lock().unwrap().replace(armed) };
    assert!(
        before.is_none_or(|armed| !armed.load(Ordering::SeqCst)),
        "armed twice"
    );
    thread::spawn(move || {
        let node = node;
        if own.swap(false, Ordering::SeqCst) {
            CLOCK.fetch_max(when, Ordering::SeqCst);
            // SAFETY: it was not disarmed, so its owner keeps it until this call.
            unsafe { ((*node.0).fire)(node.0, when) };
        }
    });
}

pub(super) fn disarm(node: &TimerNode) -> bool {
    let armed = node.armed.lock().unwrap().take();
    armed.is_some_and(|armed| armed.swap(false, Ordering::SeqCst))
}
