//! What `sync` asks of the scheduler, answered by shuttle.

use shuttle::sync::atomic::AtomicBool;
pub(super) use shuttle::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};
use shuttle::{rand::Rng, thread};
use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};

/// A value under a lock byte.
pub(crate) struct SpinMutex<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached by the lock's holder only.
unsafe impl<T: Send> Sync for SpinMutex<T> {}

impl<T> SpinMutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self {
            taken: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    pub(crate) fn lock(&self) -> SpinGuard<'_, T> {
        while self.taken.swap(true, Ordering::SeqCst) {
            thread::yield_now();
        }
        SpinGuard(self)
    }
}

pub(crate) struct SpinGuard<'a, T>(&'a SpinMutex<T>);

impl<T> Deref for SpinGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the guard holds the lock.
        unsafe { &*self.0.value.get() }
    }
}

impl<T> DerefMut for SpinGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard holds the lock, and is borrowed mutably.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T> Drop for SpinGuard<'_, T> {
    fn drop(&mut self) {
        let held = self.0.taken.swap(false, Ordering::SeqCst);
        assert!(held || std::thread::panicking(), "lock byte not held");
    }
}

/// Kept only for the signature.
#[derive(Clone, Copy)]
#[allow(clippy::enum_variant_names)]
pub(super) enum WaitReason {
    SyncMutexLock,
    SyncRwMutexLock,
    SyncRwMutexRLock,
    SyncWaitGroupWait,
    SyncCondWait,
}

impl WaitReason {
    pub(super) fn durable(self) -> Self {
        self
    }
}

/// There are no bubbles here.
pub(super) fn bubbles_exist() -> bool {
    false
}

pub(super) fn point() {}

pub(super) fn give_way_if_asked() {}

pub(super) fn count_lock_wait(_: i64) {}

pub(super) fn current_bubble() -> u32 {
    0
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

pub(super) struct Parking(Waiter);

impl Parking {
    pub(super) fn new() -> Self {
        Parking(Waiter::current())
    }

    pub(super) fn park<T>(
        self,
        _: WaitReason,
        mut guard: SpinGuard<'_, T>,
        place: impl FnOnce(&mut T) -> &mut Option<Parked>,
    ) {
        let parker = self.0.0;
        *place(&mut guard) = Some(Parked(self.0));
        drop(guard);
        while !parker.woken.swap(false, Ordering::SeqCst) {
            thread::park();
        }
    }
}

/// A second wake-up for one park is a failure.
pub(super) struct Parked(Waiter);

impl Parked {
    pub(super) fn wake(self) {
        let twice = self.0.0.woken.swap(true, Ordering::SeqCst);
        assert!(!twice, "readied twice");
        self.0.0.thread.unpark();
    }
}

pub(super) fn can_spin(round: u32) -> bool {
    round < 1
}

pub(super) fn spin() {
    thread::yield_now();
}

/// A clock that stands still or jumps over the starvation threshold.
pub(super) fn nanotime() -> i64 {
    static NOW: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(0);
    let jump = if shuttle::rand::thread_rng().gen_bool(0.3) {
        2_000_000
    } else {
        0
    };
    NOW.fetch_add(jump, Ordering::Relaxed) + jump
}

pub(super) fn before_block() {}

pub(super) struct Away;

impl Away {
    /// Now and then, so that what is then done is tried, too.
    pub(super) fn has_hooks(&self) -> bool {
        shuttle::rand::thread_rng().gen_bool(0.25)
    }
}

/// As the real one: what it does at its end is nothing that a model has to see.
impl Drop for Away {
    fn drop(&mut self) {}
}

pub(super) fn away() -> Away {
    Away
}

pub(super) const TURNS_WITH_HOOKS: u32 = 2;

pub(super) fn with_thread(f: impl FnOnce()) {
    f();
}

pub(super) fn hooks_exist() -> bool {
    shuttle::rand::thread_rng().gen_bool(0.5)
}

/// Not modelled: `WaitGroup::go` adds, spawns, and calls `done`.
pub(super) fn go<R>(f: impl FnOnce() -> R + Send + 'static) {
    thread::spawn(move || drop(f()));
}

/// As above.
pub(super) fn recover_to_resume<R>(f: impl FnOnce() -> R) -> Result<R, Never> {
    Ok(f())
}

pub(super) enum Never {}

impl Never {
    pub(super) fn resume(self) -> ! {
        match self {}
    }
}

pub(super) fn hand_off() {
    thread::yield_now();
}

pub(super) fn throw(message: &str) -> ! {
    panic!("fatal error: {message}")
}
