//! A weighted semaphore with a strict queue (Go's `golang.org/x/sync/semaphore`).
//!
//! Invariant, on the lock: the head of the queue asks for more than is free. So a goroutine that
//! frees something, or leaves the head, grants from there on.

#![forbid(unsafe_code)]

use super::list::{Key, List};
use super::rt::before_block;
use super::{Mutex, MutexGuard};
use crate::chan::{Chan, Sender};
use crate::context::{Context, ContextError};
use crate::select;
use std::fmt;

/// Bounds how much of something is used at once (Go's `semaphore.Weighted`).
///
/// Requests are served strictly in the order in which they came: a large one that has to wait makes
/// later small ones wait too, so it is not starved.
///
/// ```
/// use goroutines::prelude::*;
/// use goroutines::sync::Semaphore;
///
/// static MEMORY: Semaphore = Semaphore::new(100); // MiB, say
///
/// let ctx = context::background();
/// MEMORY.acquire(&ctx, 80).unwrap();
/// assert!(!MEMORY.try_acquire(30));
/// MEMORY.release(80);
/// let permit = MEMORY.permit(&ctx, 30).unwrap(); // released when dropped
/// # drop(permit);
/// ```
pub struct Semaphore {
    size: usize,
    state: Mutex<State>,
}

struct State {
    used: usize,
    queue: List<Waiter>,
}

struct Waiter {
    n: usize,
    /// Closed when the request is granted.
    granted: Sender<()>,
}

impl Semaphore {
    /// A semaphore of `size` units, all free (Go's `NewWeighted`).
    ///
    /// ```
    /// use goroutines::sync::Semaphore;
    /// let workers = Semaphore::new(goroutines::runtime::gomaxprocs(0));
    /// assert!(workers.try_acquire(1));
    /// ```
    pub const fn new(size: usize) -> Self {
        let state = State {
            used: 0,
            queue: List::new(),
        };
        Semaphore {
            size,
            state: Mutex::new(state),
        }
    }

    /// Takes `n` units, waiting for them, behind all goroutines that came before (Go's `Acquire`).
    /// A request for more than there are in all waits until `ctx` is done.
    ///
    /// # Errors
    /// Why `ctx` is done, if it is done before the units are taken; then nothing was taken. That is
    /// looked at first: a context that is done gets nothing, even if there is enough.
    ///
    /// # Suspends
    /// The goroutine, while it has to wait.
    ///
    /// ```
    /// use goroutines::{context, sync::Semaphore};
    /// use std::time::Duration;
    /// let s = Semaphore::new(1);
    /// assert!(s.acquire(&context::background(), 1).is_ok());
    /// let (ctx, _cancel) = context::with_timeout(&context::background(), Duration::from_millis(1));
    /// assert_eq!(s.acquire(&ctx, 1), Err(context::ContextError::DeadlineExceeded));
    /// ```
    pub fn acquire(&self, ctx: &Context, n: usize) -> Result<(), ContextError> {
        let mut state = self.state.lock();
        if let Some(err) = ctx.err() {
            return Err(err);
        }
        if self.take(&mut state, n) {
            return Ok(());
        }
        self.wait(ctx, n, state)
    }

    #[cold]
    #[inline(never)]
    fn wait(
        &self,
        ctx: &Context,
        n: usize,
        mut state: MutexGuard<'_, State>,
    ) -> Result<(), ContextError> {
        if n > self.size {
            // No goroutine is made to wait behind a request that can never be granted.
            drop(state);
            ctx.done().recv();
            return Err(ctx.err().unwrap_or(ContextError::Canceled));
        }
        before_block(); // a request without a waiter must not be queued
        let ready = Chan::new(0);
        let waiter = Waiter {
            n,
            granted: ready.sender(),
        };
        let place = state.queue.push_back(waiter);
        drop(state);
        select! {
            <-ready => {}
            <-ctx.done() => {}
        }
        match ctx.err() {
            None => Ok(()),
            Some(err) => {
                self.give_up(place, n);
                Err(err)
            }
        }
    }

    /// The context of a queued request is done: it leaves, or what it was granted goes back.
    fn give_up(&self, place: Key, n: usize) {
        let mut state = self.state.lock();
        if state.queue.remove(place).is_none() {
            state.used -= n;
        }
        self.grant(&mut state);
    }

    /// Takes `n` units if they are free and no goroutine waits (Go's `TryAcquire`).
    ///
    /// ```
    /// let s = goroutines::sync::Semaphore::new(3);
    /// assert!(s.try_acquire(2) && !s.try_acquire(2) && s.try_acquire(1));
    /// ```
    #[must_use = "the units are taken only if this is true"]
    pub fn try_acquire(&self, n: usize) -> bool {
        self.take(&mut self.state.lock(), n)
    }

    fn take(&self, state: &mut State, n: usize) -> bool {
        let free = self.size - state.used;
        let taken = n <= free && state.queue.is_empty();
        if taken {
            state.used += n;
        }
        taken
    }

    /// Gives `n` units back (Go's `Release`) and lets in the goroutines that have waited longest.
    ///
    /// # Panics
    /// `semaphore: released more than held`
    ///
    /// ```
    /// let s = goroutines::sync::Semaphore::new(2);
    /// assert!(s.try_acquire(2));
    /// s.release(1);
    /// assert!(s.try_acquire(1));
    /// ```
    #[track_caller]
    pub fn release(&self, n: usize) {
        let mut state = self.state.lock();
        match state.used.checked_sub(n) {
            Some(used) => state.used = used,
            None => {
                drop(state);
                panic!("semaphore: released more than held");
            }
        }
        self.grant(&mut state);
    }

    /// Lets in from the head of the queue as many as there is room for, in order.
    fn grant(&self, state: &mut State) {
        while let Some(first) = state.queue.front()
            && first.n <= self.size - state.used
        {
            state.used += first.n;
            let waiter = state.queue.pop_front().expect("has a front");
            waiter.granted.close();
        }
    }

    /// As [`acquire`](Self::acquire); the units are given back when the permit is dropped.
    ///
    /// # Errors
    /// Why `ctx` is done, if it is done before the units are taken.
    ///
    /// # Suspends
    /// The goroutine, while it has to wait.
    ///
    /// ```
    /// use goroutines::{context, sync::Semaphore};
    /// let s = Semaphore::new(1);
    /// {
    ///     let _permit = s.permit(&context::background(), 1)?;
    ///     assert!(!s.try_acquire(1));
    /// }
    /// assert!(s.try_acquire(1));
    /// # Ok::<_, context::ContextError>(())
    /// ```
    pub fn permit(&self, ctx: &Context, n: usize) -> Result<Permit<'_>, ContextError> {
        self.acquire(ctx, n)?;
        Ok(Permit { semaphore: self, n })
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut d = f.debug_struct("Semaphore");
        d.field("size", &self.size);
        match self.state.try_lock() {
            Some(state) => d.field("used", &state.used),
            None => d.field("used", &format_args!("<locked>")),
        };
        d.finish()
    }
}

/// Units of a [`Semaphore`], given back when dropped.
#[derive(Debug)]
#[must_use = "dropping the permit gives it back at once"]
pub struct Permit<'a> {
    semaphore: &'a Semaphore,
    n: usize,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.semaphore.release(self.n);
    }
}
