//! `scope`: goroutines that borrow from their parent.

use crate::sched::panic::{Goexit, Payload};
use crate::sched::park::{WaitReason, Waiter, park_unlock, ready};
use crate::sched::spawn::{self, Options};
use crate::sys::spin::SpinLock;
use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};

/// Counts the scope's goroutines.
struct Count {
    lock: SpinLock,
    /// Under `lock`: how many still run, and who waits for them.
    state: UnsafeCell<(usize, Option<Waiter>)>,
    panic: Mutex<Option<Payload>>,
}

// SAFETY: the state is touched under the lock only.
unsafe impl Sync for Count {}
// SAFETY: as above.
unsafe impl Send for Count {}

impl Count {
    fn add(&self) {
        self.lock.lock();
        // SAFETY: under the lock.
        unsafe { (*self.state.get()).0 += 1 };
        self.lock.unlock();
    }

    fn done(&self) {
        self.lock.lock();
        // SAFETY: under the lock.
        let state = unsafe { &mut *self.state.get() };
        state.0 -= 1;
        let waiter = if state.0 == 0 { state.1.take() } else { None };
        self.lock.unlock();
        if let Some(w) = waiter {
            // SAFETY: taken out under the lock under which it parked.
            unsafe { ready(w) };
        }
    }

    fn wait(&self) {
        self.lock.lock();
        // SAFETY: under the lock.
        let state = unsafe { &mut *self.state.get() };
        if state.0 == 0 {
            self.lock.unlock();
            return;
        }
        state.1 = Some(Waiter::current());
        park_unlock(WaitReason::SyncWaitGroupWait, &self.lock);
    }
}

/// A place to start goroutines that may borrow what outlives it; see [`scope`].
pub struct Scope<'scope, 'env: 'scope> {
    count: Arc<Count>,
    /// Invariant in both: neither may be shrunk by the caller.
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

impl std::fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}

impl<'scope> Scope<'scope, '_> {
    /// Starts a goroutine of the scope. Its result is dropped; its panic is resumed in the caller of
    /// [`scope`] after all have ended.
    #[track_caller]
    pub fn go<F, R>(&'scope self, f: F)
    where
        F: FnOnce() -> R + Send + 'scope,
    {
        let count = self.count.clone();
        self.start(
            move || {
                let result = catch_unwind(AssertUnwindSafe(|| drop(f())));
                if let Err(p) = result
                    && !p.is::<Goexit>()
                {
                    let mut first = count.panic.lock().unwrap_or_else(PoisonError::into_inner);
                    first.get_or_insert(p);
                }
            },
            Location::caller(),
        );
    }

    /// Starts a goroutine of the scope with a result. A panic that is not joined is resumed in the
    /// caller of [`scope`].
    #[track_caller]
    pub fn spawn<F, T>(&'scope self, f: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let packet = Arc::new(Mutex::new(None));
        let own = Arc::new(Count {
            lock: SpinLock::new(),
            state: UnsafeCell::new((1, None)),
            panic: Mutex::new(None),
        });
        let (theirs, their_own) = (packet.clone(), own.clone());
        self.start(
            move || {
                let result = catch_unwind(AssertUnwindSafe(f));
                *theirs.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
                drop(theirs);
                their_own.done();
            },
            Location::caller(),
        );
        ScopedJoinHandle {
            packet,
            own,
            scope: self.count.clone(),
            lifetime: PhantomData,
        }
    }

    fn start<F: FnOnce() + Send + 'scope>(&'scope self, f: F, at: &'static Location<'static>) {
        self.count.add();
        let count = self.count.clone();
        let task = move || {
            // `f` owns borrows of the scope: it is gone before the scope may end.
            f();
            count.done();
        };
        let task: Box<dyn FnOnce() + Send + 'scope> = Box::new(task);
        // SAFETY: `scope` does not return, nor unwind, before `count` is zero again; `f` and its
        // captures are dropped before `done`.
        let task: Box<dyn FnOnce() + Send + 'static> = unsafe { std::mem::transmute(task) };
        spawn::spawn(task, Options::new(), at);
    }
}

type Slot<T> = Arc<Mutex<Option<std::thread::Result<T>>>>;

/// The other end of a goroutine of a [`scope`].
pub struct ScopedJoinHandle<'scope, T> {
    packet: Slot<T>,
    own: Arc<Count>,
    scope: Arc<Count>,
    lifetime: PhantomData<&'scope ()>,
}

impl<T> ScopedJoinHandle<'_, T> {
    /// Waits for the goroutine and returns its result.
    ///
    /// # Errors
    /// As [`JoinHandle::join`](crate::JoinHandle::join).
    ///
    /// # Suspends
    /// Until the goroutine has ended.
    pub fn join(self) -> std::thread::Result<T> {
        self.own.wait();
        let result = self.take();
        result.expect("set before the count went to zero")
    }

    fn take(&self) -> Option<std::thread::Result<T>> {
        self.packet
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

impl<T> Drop for ScopedJoinHandle<'_, T> {
    fn drop(&mut self) {
        // Not joined: its panic belongs to the scope. If it still runs, `scope` cannot see it; so
        // wait, which the scope would do anyway.
        if Arc::strong_count(&self.packet) > 1 {
            self.own.wait();
        }
        if let Some(Err(p)) = self.take()
            && !p.is::<Goexit>()
        {
            let mut first = self
                .scope
                .panic
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert(p);
        }
    }
}

impl<T> std::fmt::Debug for ScopedJoinHandle<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScopedJoinHandle").finish_non_exhaustive()
    }
}

/// Runs `f`, which may start goroutines that borrow from the caller; returns when `f` and all of them
/// have ended, also when `f` panics or calls [`goexit`](crate::runtime::goexit).
///
/// # Panics
/// With the panic of `f`, else with the first panic of a goroutine of the scope.
///
/// # Suspends
/// Until all goroutines of the scope have ended.
///
/// # Examples
/// ```
/// let words = vec!["a", "bb", "ccc"];
/// let mut longest = 0;
/// goroutines::scope(|s| {
///     s.go(|| longest = words.iter().map(|w| w.len()).max().unwrap());
///     s.go(|| assert_eq!(words.len(), 3));
/// });
/// assert_eq!(longest, 3);
/// ```
pub fn scope<'env, F, T>(f: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    let scope = Scope {
        count: Arc::new(Count {
            lock: SpinLock::new(),
            state: UnsafeCell::new((0, None)),
            panic: Mutex::new(None),
        }),
        scope: PhantomData,
        env: PhantomData,
    };
    let result = catch_unwind(AssertUnwindSafe(|| f(&scope)));
    scope.count.wait();
    let panic = scope
        .count
        .panic
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    match (result, panic) {
        (Err(p), _) | (_, Some(p)) => resume_unwind(p),
        (Ok(r), None) => r,
    }
}
