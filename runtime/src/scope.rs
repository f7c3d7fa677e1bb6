//! `scope`: goroutines that borrow from their parent.

use crate::join::Packet;
use crate::panic::{Goexit, JoinError, Payload, before_block, take_replacement, unwind_again};
use crate::sched::family;
use crate::sched::{self, Options};
use crate::sched::{Parked, Parking, WaitReason};
use crate::switch::away;
use crate::sys::spin::SpinMutex;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

/// Counts the scope's goroutines.
struct Count {
    running: SpinMutex<Running>,
    panic: Mutex<Option<Payload>>,
}

struct Running {
    number: usize,
    /// The goroutine that waits for them.
    waiter: Option<Parked>,
}

impl Count {
    fn add(&self) {
        self.running.lock().number += 1;
    }

    fn done(&self) {
        let mut running = self.running.lock();
        running.number -= 1;
        let last = running.number == 0;
        let waiter = if last { running.waiter.take() } else { None };
        drop(running);
        if let Some(w) = waiter {
            w.wake();
        }
    }

    fn wait(&self) {
        let parking = Parking::new();
        let running = self.running.lock();
        if running.number == 0 {
            return;
        }
        // The goroutine that waits for a scope made it, so the scope's goroutines are in the same bubble, if any.
        let reason = match family::current_id() {
            0 => WaitReason::SyncWaitGroupWait,
            _ => WaitReason::SyncWaitGroupWait.durable(),
        };
        parking.park(reason, running, |running| &mut running.waiter);
    }

    /// The first panic that is not joined is resumed in the caller; others are dropped.
    fn keep_panic(&self, p: Option<Payload>) {
        let Some(p) = p else { return };
        let mut first = self.panic.lock().unwrap_or_else(PoisonError::into_inner);
        let spare = if first.is_none() {
            *first = Some(p);
            None
        } else {
            Some(p)
        };
        drop(first);
        drop(spare); // the user's code
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
                let panic = result.map_err(take_replacement).err();
                count.keep_panic(panic.filter(|p| !p.is::<Goexit>()));
            },
            Location::caller(),
        );
    }

    /// Starts a goroutine of the scope with a result. Dropping the handle does not wait; a panic that
    /// is not joined is resumed in the caller of [`scope`].
    ///
    /// ```
    /// let lens = goroutines::scope(|s| {
    ///     let handles = ["a", "bb"].map(|word| s.spawn(|| word.len()));
    ///     handles.map(|h| h.join().unwrap())
    /// });
    /// assert_eq!(lens, [1, 2]);
    /// ```
    #[track_caller]
    pub fn spawn<F, T>(&'scope self, f: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let packet = Arc::new(Packet::new());
        let (theirs, count) = (packet.clone(), self.count.clone());
        self.start(move || count.keep_panic(theirs.run(f)), Location::caller());
        ScopedJoinHandle {
            packet: Some(packet),
            scope: self.count.clone(),
            lifetime: PhantomData,
        }
    }

    fn start<F: FnOnce() + Send + 'scope>(&'scope self, f: F, at: &'static Location<'static>) {
        self.count.add();
        let count = self.count.clone();
        let task = move || {
            /// Lowers the count, however the goroutine ends.
            struct Done(Arc<Count>);
            impl Drop for Done {
                fn drop(&mut self) {
                    self.0.done();
                }
            }
            let done = Done(count);
            // `f` owns borrows of the scope: it is gone before the scope may end. A destructor in it
            // (of a result that is not joined) may panic, or end the goroutine.
            if let Err(p) = catch_unwind(AssertUnwindSafe(f)) {
                let p = take_replacement(p);
                if !p.is::<Goexit>() {
                    done.0.keep_panic(Some(p));
                }
            }
        };
        let task: Box<dyn FnOnce() + Send + 'scope> = Box::new(task);
        // SAFETY: `scope` does not return, nor unwind, before `count` is zero again; `f` and its
        // captures are dropped before `done`.
        let task: Box<dyn FnOnce() + Send + 'static> = unsafe { std::mem::transmute(task) };
        sched::spawn_here(task, Options::new(), at);
    }
}

/// The other end of a goroutine of a [`scope`]. Dropping it leaves the goroutine to the scope.
pub struct ScopedJoinHandle<'scope, T> {
    packet: Option<Arc<Packet<T>>>,
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
    pub fn join(mut self) -> Result<T, JoinError> {
        before_block();
        let _away = away();
        let packet = self.packet.take().expect("joined once");
        packet.wait().map_err(JoinError::from)
    }

    /// Has the goroutine ended?
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.packet.as_ref().is_none_or(|p| p.is_finished())
    }
}

impl<T> Drop for ScopedJoinHandle<'_, T> {
    fn drop(&mut self) {
        let panic = self.packet.take().and_then(|packet| packet.detach());
        self.scope.keep_panic(panic);
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
/// With the panic of `f`, else with the first panic of a goroutine of the scope that was not joined.
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
    before_block();
    let scope = Scope {
        count: Arc::new(Count {
            running: SpinMutex::new(Running {
                number: 0,
                waiter: None,
            }),
            panic: Mutex::new(None),
        }),
        scope: PhantomData,
        env: PhantomData,
    };
    let result = catch_unwind(AssertUnwindSafe(|| f(&scope)));
    let away = away();
    scope.count.wait();
    drop(away);
    let panic = scope
        .count
        .panic
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    match (result, panic) {
        // A panic is not lost because `f` called `goexit`.
        (Err(exit), Some(p)) if exit.is::<Goexit>() => unwind_again(p),
        (Err(p), _) | (_, Some(p)) => unwind_again(p),
        (Ok(r), None) => r,
    }
}
