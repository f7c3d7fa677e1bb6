//! Goroutines that work on one task and may fail (Go's `golang.org/x/sync/errgroup`).

#![forbid(unsafe_code)]

use super::{Mutex, WaitGroup};
use crate::chan::{Chan, TrySendError};
use crate::context::{self, CancelCauseFunc, Context, ContextError};
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Starts goroutines that may fail, and waits for all of them; a clonable handle (Go's
/// `errgroup.Group`).
///
/// The first error is what [`wait`](Self::wait) returns. With a context, it also cancels that, so the
/// others can stop early.
///
/// ```
/// use goroutines::prelude::*;
/// use goroutines::sync::ErrGroup;
///
/// let (group, ctx) = ErrGroup::with_context(&context::background());
/// group.go(|| Err("disk full".into()));
/// group.go(move || {
///     ctx.done().recv(); // the other's failure ends this one
///     Ok(())
/// });
/// assert_eq!(group.wait().unwrap_err().to_string(), "disk full");
/// ```
pub struct ErrGroup<E = Box<dyn Error + Send + Sync>>(Arc<Group<E>>);

struct Group<E> {
    wg: WaitGroup,
    /// One has failed since the last `wait`; its error is here, or soon will be.
    failed: AtomicBool,
    error: Mutex<Option<E>>,
    /// With a limit: holds a token for each goroutine of the group.
    slots: Mutex<Option<Chan<()>>>,
    cancel: Option<Cancel<E>>,
}

struct Cancel<E> {
    cancel: CancelCauseFunc,
    text: fn(&E) -> String,
}

impl ErrGroup {
    /// A group without context or limit. (For another error type: `ErrGroup::<E>::default()`.)
    ///
    /// ```
    /// let group = goroutines::sync::ErrGroup::new();
    /// group.go(|| Ok(()));
    /// assert!(group.wait().is_ok());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// A group, and a context derived from `ctx` that is cancelled by the first error (Go's
    /// `WithContext`), or else when [`wait`](Self::wait) returns. The error's text is the
    /// [`cause`](context::cause); the error itself goes to `wait`.
    ///
    /// ```
    /// use goroutines::{context, sync::ErrGroup};
    /// let (group, ctx) = ErrGroup::with_context(&context::background());
    /// group.go(|| Err("no".into()));
    /// assert!(group.wait().is_err());
    /// assert_eq!(context::cause(&ctx).unwrap().to_string(), "no");
    /// ```
    pub fn with_context(ctx: &Context) -> (Self, Context) {
        let (ctx, cancel) = context::with_cancel_cause(ctx);
        let cancel = Cancel {
            cancel,
            text: ToString::to_string,
        };
        (Self::with(Some(cancel)), ctx)
    }
}

impl<E> ErrGroup<E> {
    fn with(cancel: Option<Cancel<E>>) -> Self {
        ErrGroup(Arc::new(Group {
            wg: WaitGroup::new(),
            failed: AtomicBool::new(false),
            error: Mutex::new(None),
            slots: Mutex::new(None),
            cancel,
        }))
    }
}

impl<E: Send + 'static> ErrGroup<E> {
    /// Runs `f` in a goroutine of the group (Go's `Go`); with a [limit](Self::set_limit), once there
    /// is room. A panic in `f` ends the process, as in any goroutine.
    ///
    /// # Suspends
    /// The goroutine, while the group is at its limit.
    ///
    /// ```
    /// let group = goroutines::sync::ErrGroup::new();
    /// group.go(|| { std::fs::read("/nowhere")?; Ok(()) });
    /// assert!(group.wait().is_err());
    /// ```
    #[track_caller]
    pub fn go<F>(&self, f: F)
    where
        F: FnOnce() -> Result<(), E> + Send + 'static,
    {
        let slots = self.0.slots.lock().clone();
        if let Some(slots) = &slots {
            slots.send(());
        }
        self.start(slots, f);
    }

    /// Runs `f` in a goroutine of the group, unless that is at its limit (Go's `TryGo`).
    ///
    /// ```
    /// let group = goroutines::sync::ErrGroup::new();
    /// group.set_limit(0);
    /// assert!(!group.try_go(|| Ok(())));
    /// ```
    #[track_caller]
    #[must_use = "the function was started only if this is true"]
    pub fn try_go<F>(&self, f: F) -> bool
    where
        F: FnOnce() -> Result<(), E> + Send + 'static,
    {
        let slots = self.0.slots.lock().clone();
        if let Some(slots) = &slots
            && let Err(TrySendError::Full(())) = slots.try_send(())
        {
            return false;
        }
        self.start(slots, f);
        true
    }

    #[track_caller]
    fn start<F>(&self, slots: Option<Chan<()>>, f: F)
    where
        F: FnOnce() -> Result<(), E> + Send + 'static,
    {
        let group = self.0.clone();
        self.0.wg.go(move || {
            let _slot = slots.map(Slot);
            if let Err(err) = f() {
                group.fail(err);
            }
        });
    }

    /// Waits for all goroutines of the group and returns the first error (Go's `Wait`); it is given
    /// once, so a second `wait` finds none.
    ///
    /// # Errors
    /// The first one that a goroutine of the group returned.
    ///
    /// # Suspends
    /// The goroutine, until all have ended.
    ///
    /// ```
    /// use goroutines::sync::ErrGroup;
    /// let group = ErrGroup::<u32>::default();
    /// group.go(|| Err(7));
    /// assert_eq!(group.wait(), Err(7));
    /// assert_eq!(group.wait(), Ok(()));
    /// ```
    pub fn wait(&self) -> Result<(), E> {
        self.0.wg.wait();
        if let Some(Cancel { cancel, .. }) = &self.0.cancel {
            cancel(ContextError::Canceled.into());
        }
        let error = self.0.error.lock().take();
        // All have ended: no goroutine is between the mark and the error.
        self.0.failed.store(false, Ordering::Relaxed);
        error.map_or(Ok(()), Err)
    }

    /// At most `n` goroutines of the group at once (Go's `SetLimit`); 0 lets none start.
    ///
    /// # Panics
    /// `errgroup: modify limit while 2 goroutines in the group are still active` (or as many as
    /// there are).
    ///
    /// ```
    /// let group = goroutines::sync::ErrGroup::new();
    /// group.set_limit(2);
    /// for _ in 0..10 {
    ///     group.go(|| Ok(()));
    /// }
    /// assert!(group.wait().is_ok());
    /// ```
    #[track_caller]
    pub fn set_limit(&self, n: usize) {
        let mut slots = self.0.slots.lock();
        let active = slots.as_ref().map_or(0, |slots| slots.len());
        if active > 0 {
            drop(slots);
            panic!(
                "errgroup: modify limit while {active} goroutines in the group are still active"
            );
        }
        *slots = Some(Chan::new(n));
    }
}

/// A goroutine's place among the limited number; given back when it ends, however it does.
struct Slot(Chan<()>);

impl Drop for Slot {
    fn drop(&mut self) {
        let _ = self.0.try_recv();
    }
}

impl<E> Group<E> {
    fn fail(&self, err: E) {
        // Go's `errOnce`. Nothing is locked while the error says what it is, nor while it is dropped.
        // Relaxed: it only decides which goroutine is first. The error goes through its lock, and the end through the
        // `WaitGroup`.
        if self.failed.swap(true, Ordering::Relaxed) {
            return;
        }
        let text = self.cancel.as_ref().map(|c| (c.text)(&err));
        *self.error.lock() = Some(err);
        if let (Some(Cancel { cancel, .. }), Some(text)) = (&self.cancel, text) {
            cancel(text.into());
        }
    }
}

impl<E> Default for ErrGroup<E> {
    /// A group without context or limit.
    fn default() -> Self {
        Self::with(None)
    }
}

impl<E> Clone for ErrGroup<E> {
    fn clone(&self) -> Self {
        ErrGroup(self.0.clone())
    }
}

impl<E> fmt::Debug for ErrGroup<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrGroup").finish_non_exhaustive()
    }
}
