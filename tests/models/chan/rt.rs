//! What `chan` asks of the scheduler, answered by shuttle.

pub(super) use shuttle::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use shuttle::{rand::RngCore, thread};

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

/// A thread's place to sleep; leaked, so that a waiter may be used as freely as the real one.
struct Parker {
    woken: AtomicBool,
    thread: thread::Thread,
}

shuttle::thread_local! {
    static PARKER: &'static Parker = Box::leak(Box::new(Parker {
        woken: AtomicBool::new(false),
        thread: thread::current(),
    }));
}

#[derive(Clone, Copy)]
pub(super) struct Waiter(&'static Parker);

impl Waiter {
    pub(super) fn current() -> Self {
        Waiter(PARKER.with(|p| *p))
    }
}

/// Both ways are tried.
pub(super) fn quick_waiter() -> Option<Waiter> {
    (random() % 2 == 0).then(Waiter::current)
}

pub(super) fn before_block() {}

pub(super) fn is_ending() -> bool {
    false
}

pub(super) fn end_sender() -> ! {
    panic!("send on channel without receivers")
}

/// # Safety
/// As the real one's.
pub(super) unsafe fn park(_: WaitReason, commit: unsafe fn(*mut ()) -> bool, arg: *mut ()) {
    let parker = Waiter::current().0;
    // SAFETY: forwarded.
    if !unsafe { commit(arg) } {
        return;
    }
    while !parker.woken.swap(false, Ordering::SeqCst) {
        thread::park();
    }
}

pub(super) fn park_unlock(_: WaitReason, lock: &SpinLock) {
    let parker = Waiter::current().0;
    lock.unlock();
    while !parker.woken.swap(false, Ordering::SeqCst) {
        thread::park();
    }
}

/// # Safety
/// As the real one's; here a second wake-up for one park is a failure.
pub(super) unsafe fn ready(waiter: Waiter) {
    let twice = waiter.0.woken.swap(true, Ordering::SeqCst);
    assert!(!twice, "readied twice");
    waiter.0.thread.unpark();
}

pub(super) fn random() -> u32 {
    shuttle::rand::thread_rng().next_u32()
}
