//! Cancellation, deadlines and values that follow a request (Go's package `context`).
//!
//! A [`Context`] is handed down from caller to callee, by reference or as a clone. What is derived
//! from it is cancelled with it:
//!
//! ```
//! use goroutines::context::{self, ContextError};
//!
//! let (ctx, cancel) = context::with_cancel(&context::background());
//! let (child, _cancel_child) = context::with_cancel(&ctx);
//! assert_eq!(child.err(), None);
//! cancel();
//! assert_eq!(child.err(), Some(ContextError::Canceled));
//! assert_eq!(child.done().recv(), None); // closed
//! ```
//!
//! A context is a chain of nodes towards the root (`Context`, this file): a node adds a value, hides
//! the ancestors' cancellation, or owns a `core::Core`, which can be cancelled. Only the
//! cores form a tree that is walked downwards (`core.rs`).
//!
//! # Suspends
//! Any call of this module, for a moment, if another goroutine is in such a call on the same thing: each
//! takes a lock of [`sync`](crate::sync).

#![forbid(unsafe_code)]

mod core;
mod error;
mod func;
mod value;

pub use error::ContextError;
pub use func::{CancelCauseFunc, CancelFunc, StopFunc};

use crate::chan::Receiver;
use crate::time;
use core::{AfterFunc, Core};
use error::{BoxError, Cause};
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use value::{Pair, Value};

/// Carries cancellation, a deadline and values down through calls (Go's `context.Context`).
///
/// A clone is the same context. Nothing is cancelled by dropping one; but once a context, its clones
/// and what was derived from it are all gone, its parent forgets it, called off or not.
#[derive(Clone)]
pub struct Context(Kind);

#[derive(Clone)]
enum Kind {
    Background,
    Todo,
    Derived(Arc<Node>),
}

struct Node {
    /// Not `Derived` only at the root.
    parent: Context,
    /// The core that cancels this context: our own or the nearest ancestor's.
    core: Option<Arc<Core>>,
    adds: Adds,
}

/// What a node adds to its parent.
enum Adds {
    /// A core of its own.
    Cancel,
    /// A core of its own, for `signal::notify_context`, and the signals' names.
    Signals(String),
    /// A core of its own that ends by itself.
    Deadline(Instant),
    Value(Box<dyn Value>),
    /// Nothing: it takes the ancestors' core away.
    NoCancel,
}

/// The root of all contexts: never cancelled, without deadline or values (Go's
/// `context.Background`).
///
/// ```
/// let ctx = goroutines::context::background();
/// assert_eq!(ctx.to_string(), "context.Background");
/// assert!(ctx.done().is_nil() && ctx.err().is_none() && ctx.deadline().is_none());
/// ```
pub const fn background() -> Context {
    Context(Kind::Background)
}

/// Like [`background`]; says that the right context is not known yet (Go's `context.TODO`).
///
/// ```
/// assert_eq!(goroutines::context::todo().to_string(), "context.TODO");
/// ```
pub const fn todo() -> Context {
    Context(Kind::Todo)
}

impl Default for Context {
    /// [`background`].
    fn default() -> Self {
        background()
    }
}

impl Context {
    fn node(&self) -> Option<&Arc<Node>> {
        match &self.0 {
            Kind::Derived(node) => Some(node),
            _ => None,
        }
    }

    fn core(&self) -> Option<&Arc<Core>> {
        self.node()?.core.as_ref()
    }

    fn derive(&self, core: Option<Arc<Core>>, adds: Adds) -> Context {
        Context(Kind::Derived(Arc::new(Node {
            parent: self.clone(),
            core,
            adds,
        })))
    }

    /// A channel that is closed when this context is cancelled or its deadline has passed (Go's
    /// `Done`); the nil channel, which is never ready, if that cannot happen. Does not allocate.
    ///
    /// ```
    /// use goroutines::context;
    /// let (ctx, cancel) = context::with_cancel(&context::background());
    /// assert!(!ctx.done().is_closed());
    /// cancel();
    /// assert!(ctx.done().is_closed());
    /// ```
    pub fn done(&self) -> Receiver<()> {
        self.core().map_or(const { Receiver::nil() }, |c| c.done())
    }

    /// Why this context is done, or `None` if it is not (Go's `Err`). `Some` means that
    /// [`done`](Self::done) is closed, and the other way round.
    ///
    /// ```
    /// use goroutines::context::{self, ContextError};
    /// use std::time::Duration;
    /// let (ctx, _cancel) = context::with_timeout(&context::background(), Duration::ZERO);
    /// assert_eq!(ctx.err(), Some(ContextError::DeadlineExceeded));
    /// ```
    pub fn err(&self) -> Option<ContextError> {
        self.core()?.err()
    }

    /// When this context will be cancelled by itself, if ever (Go's `Deadline`).
    ///
    /// ```
    /// use goroutines::context;
    /// use std::time::{Duration, Instant};
    /// let at = Instant::now() + Duration::from_secs(60);
    /// let (ctx, _cancel) = context::with_deadline(&context::background(), at);
    /// assert_eq!(ctx.deadline(), Some(at));
    /// ```
    pub fn deadline(&self) -> Option<Instant> {
        self.core()?.deadline()
    }

    /// The value that was given for `key`, by the nearest [`with_value`] (Go's `Value`): keys are
    /// equal if their types are and `==` says so. `None` too if the value is not a `V`.
    ///
    /// ```
    /// use goroutines::context;
    ///
    /// #[derive(PartialEq)]
    /// struct UserId;
    ///
    /// let ctx = context::with_value(&context::background(), UserId, 42_u64);
    /// assert_eq!(ctx.value::<u64>(&UserId), Some(&42));
    /// assert_eq!(ctx.value::<u64>(&"UserId"), None);
    /// ```
    pub fn value<V: 'static>(&self, key: &impl Key) -> Option<&V> {
        let mut at = self.node();
        while let Some(node) = at {
            if let Adds::Value(pair) = &node.adds
                && let Some(value) = pair.get(key)
            {
                return value.downcast_ref();
            }
            at = node.parent.node();
        }
        None
    }
}

/// What can be a key of [`with_value`]: anything comparable. Use a type of your own, so that keys of
/// different packages cannot meet.
pub trait Key: PartialEq + Send + Sync + 'static {}

impl<K: PartialEq + Send + Sync + 'static> Key for K {}

/// A context that is cancelled when `cancel` is called or `parent` is cancelled, whichever comes
/// first (Go's `context.WithCancel`).
///
/// When `cancel()` returns, everything derived from the context is cancelled too. Dropping it does
/// not cancel.
///
/// ```
/// use goroutines::context;
/// let (ctx, cancel) = context::with_cancel(&context::background());
/// cancel();
/// assert_eq!(ctx.err().unwrap().to_string(), "context canceled");
/// ```
#[must_use = "without the cancel function it can only be cancelled with its parent"]
pub fn with_cancel(parent: &Context) -> (Context, CancelFunc) {
    let (ctx, core) = cancellable(parent, None);
    (ctx, CancelFunc::new(core))
}

/// As [`with_cancel`], but cancelling takes the reason, which [`cause`] then gives (Go's
/// `context.WithCancelCause`).
///
/// ```
/// use goroutines::context;
/// let (ctx, cancel) = context::with_cancel_cause(&context::background());
/// cancel("no more input".into());
/// assert_eq!(ctx.err().unwrap().to_string(), "context canceled");
/// assert_eq!(context::cause(&ctx).unwrap().to_string(), "no more input");
/// ```
#[must_use = "without the cancel function it can only be cancelled with its parent"]
pub fn with_cancel_cause(parent: &Context) -> (Context, CancelCauseFunc) {
    let (ctx, core) = cancellable(parent, None);
    (ctx, CancelCauseFunc::new(core))
}

/// A context that is cancelled by itself at `deadline`, or earlier as [`with_cancel`]'s (Go's
/// `context.WithDeadline`). If `parent`'s deadline is earlier, that one counts.
///
/// ```
/// use goroutines::context;
/// use std::time::{Duration, Instant};
/// let soon = Instant::now() + Duration::from_millis(1);
/// let (ctx, _cancel) = context::with_deadline(&context::background(), soon);
/// assert_eq!(ctx.done().recv(), None);
/// assert_eq!(ctx.err().unwrap().to_string(), "context deadline exceeded");
/// ```
#[must_use = "call the cancel function when the work is done before its time"]
pub fn with_deadline(parent: &Context, deadline: Instant) -> (Context, CancelFunc) {
    timed(parent, Some(deadline), None)
}

/// As [`with_deadline`]; if the deadline passes, [`cause`] gives `cause` (Go's
/// `context.WithDeadlineCause`). Cancelling earlier does not set it.
///
/// ```
/// use goroutines::context;
/// let past = std::time::Instant::now();
/// let (ctx, _cancel) = context::with_deadline_cause(&context::background(), past, "too slow");
/// assert_eq!(context::cause(&ctx).unwrap().to_string(), "too slow");
/// ```
#[must_use = "call the cancel function when the work is done before its time"]
pub fn with_deadline_cause(
    parent: &Context,
    deadline: Instant,
    cause: impl Into<Box<dyn Error + Send + Sync>>,
) -> (Context, CancelFunc) {
    timed(parent, Some(deadline), Some(cause.into()))
}

/// [`with_deadline`], counted from now (Go's `context.WithTimeout`).
///
/// ```
/// use goroutines::context;
/// use std::time::Duration;
/// let (ctx, cancel) = context::with_timeout(&context::background(), Duration::from_secs(60));
/// assert!(ctx.deadline().is_some());
/// cancel(); // the work was done in time
/// ```
#[must_use = "call the cancel function when the work is done before its time"]
pub fn with_timeout(parent: &Context, timeout: Duration) -> (Context, CancelFunc) {
    timed(parent, time::now().checked_add(timeout), None)
}

/// [`with_deadline_cause`], counted from now (Go's `context.WithTimeoutCause`).
///
/// ```
/// use goroutines::context;
/// use std::time::Duration;
/// let (ctx, cancel) =
///     context::with_timeout_cause(&context::background(), Duration::from_secs(60), "too slow");
/// cancel();
/// assert_eq!(context::cause(&ctx).unwrap().to_string(), "context canceled");
/// ```
#[must_use = "call the cancel function when the work is done before its time"]
pub fn with_timeout_cause(
    parent: &Context,
    timeout: Duration,
    cause: impl Into<Box<dyn Error + Send + Sync>>,
) -> (Context, CancelFunc) {
    let deadline = time::now().checked_add(timeout);
    timed(parent, deadline, Some(cause.into()))
}

/// A context with a value for `key`, otherwise like `parent` (Go's `context.WithValue`); see
/// [`Context::value`]. For what belongs to a request and passes through many hands, not for optional
/// parameters.
///
/// ```
/// use goroutines::context;
///
/// #[derive(PartialEq)]
/// enum Trace { Id }
///
/// let ctx = context::with_value(&context::background(), Trace::Id, "abc".to_string());
/// assert_eq!(ctx.value::<String>(&Trace::Id).unwrap(), "abc");
/// ```
pub fn with_value<K: Key, V: Send + Sync + 'static>(parent: &Context, key: K, value: V) -> Context {
    let core = parent.core().cloned();
    parent.derive(core, Adds::Value(Box::new(Pair { key, value })))
}

/// A context with `parent`'s values that is not cancelled when `parent` is, and has no deadline
/// (Go's `context.WithoutCancel`).
///
/// ```
/// use goroutines::context;
/// let (ctx, cancel) = context::with_cancel(&context::background());
/// let detached = context::without_cancel(&ctx);
/// cancel();
/// assert_eq!(detached.err(), None);
/// ```
pub fn without_cancel(parent: &Context) -> Context {
    parent.derive(None, Adds::NoCancel)
}

/// Runs `f` in a goroutine of its own once `ctx` is done; at once if it is (Go's
/// `context.AfterFunc`).
///
/// `stop()` calls it off: `true` if that prevented `f`, `false` if `f` was started or stopped before.
/// It does not wait for `f`. Dropping it does nothing.
///
/// ```
/// use goroutines::context;
/// let (ctx, cancel) = context::with_cancel(&context::background());
/// let stop = context::after_func(&ctx, || unreachable!("called off"));
/// assert!(stop() && !stop());
/// cancel();
/// ```
pub fn after_func(ctx: &Context, f: impl FnOnce() + Send + 'static) -> StopFunc {
    let func = Arc::new(AfterFunc::new(f));
    if let Some(core) = ctx.core() {
        core.add_func(&func);
    }
    StopFunc::new(ctx.core(), func)
}

/// Why `ctx` was cancelled: the cause that was given, else the same as [`Context::err`]; `None` if it
/// was not (Go's `context.Cause`). The first cancellation counts, the context's own or an ancestor's.
///
/// ```
/// use goroutines::context;
/// let (parent, cancel) = context::with_cancel_cause(&context::background());
/// let (child, _cancel) = context::with_cancel(&parent);
/// assert!(context::cause(&child).is_none());
/// cancel(std::io::Error::other("disk full").into());
/// let cause = context::cause(&child).unwrap();
/// assert_eq!(cause.downcast_ref::<std::io::Error>().unwrap().to_string(), "disk full");
/// ```
pub fn cause(ctx: &Context) -> Option<Arc<dyn Error + Send + Sync>> {
    ctx.core()?.cause()
}

/// A node with a core of its own, cancelled with the parent.
fn cancellable(parent: &Context, own_deadline: Option<Instant>) -> (Context, Arc<Core>) {
    let core = Core::new(parent.core(), own_deadline.or(parent.deadline()));
    let adds = own_deadline.map_or(Adds::Cancel, Adds::Deadline);
    (parent.derive(Some(core.clone()), adds), core)
}

/// The context of `signal::notify_context`: what cancels it with a cause, and without.
pub(crate) fn with_signals(
    parent: &Context,
    names: String,
) -> (Context, CancelCauseFunc, CancelFunc) {
    let core = Core::new(parent.core(), parent.deadline());
    let ctx = parent.derive(Some(core.clone()), Adds::Signals(names));
    let cancel = CancelCauseFunc::new(core.clone());
    (ctx, cancel, CancelFunc::new(core))
}

/// [`cancellable`], and at `deadline` by itself. `None`: too far away for the clock.
fn timed(
    parent: &Context,
    deadline: Option<Instant>,
    cause: Option<BoxError>,
) -> (Context, CancelFunc) {
    let earlier = |at: &Instant| parent.deadline().is_none_or(|parents| *at <= parents);
    let Some(deadline) = deadline.filter(earlier) else {
        return with_cancel(parent);
    };
    let (ctx, core) = cancellable(parent, Some(deadline));
    core.cancel_at(deadline, cause.map(Cause::from));
    (ctx, CancelFunc::new(core))
}

impl Drop for Node {
    fn drop(&mut self) {
        if let (Adds::Cancel | Adds::Signals(_) | Adds::Deadline(_), Some(core)) =
            (&self.adds, &self.core)
        {
            core.context_is_gone();
        }
        // Ancestors that have no other handle are dropped one by one, not by recursion.
        let mut parent = std::mem::take(&mut self.parent);
        while let Kind::Derived(node) = parent.0 {
            let Some(mut node) = Arc::into_inner(node) else {
                return;
            };
            parent = std::mem::take(&mut node.parent);
        }
    }
}

impl fmt::Display for Context {
    /// Go's names: `context.Background.WithCancel`.
    ///
    /// ```
    /// use goroutines::{context, signal};
    /// let (ctx, stop) = signal::notify_context(&context::background(), &[signal::SIGURG]);
    /// assert_eq!(ctx.to_string(), "signal.NotifyContext(context.Background, [urgent I/O condition])");
    /// # stop();
    /// ```
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut path = Vec::new();
        let mut ctx = self;
        while let Some(node) = ctx.node() {
            path.push(node);
            ctx = &node.parent;
        }
        for node in &path {
            if matches!(node.adds, Adds::Signals(_)) {
                f.write_str("signal.NotifyContext(")?;
            }
        }
        f.write_str(match ctx.0 {
            Kind::Todo => "context.TODO",
            _ => "context.Background",
        })?;
        path.iter().rev().try_for_each(|node| match &node.adds {
            Adds::Value(pair) => write!(f, ".WithValue({})", pair.type_names()),
            Adds::NoCancel => f.write_str(".WithoutCancel"),
            Adds::Cancel => f.write_str(".WithCancel"),
            Adds::Signals(names) if names.is_empty() => f.write_str(")"),
            Adds::Signals(names) => write!(f, ", [{names}])"),
            Adds::Deadline(at) => {
                let left = at.saturating_duration_since(time::now());
                write!(f, ".WithDeadline(in {left:?})")
            }
        })
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        match self.err() {
            Some(err) => write!(f, " ({err})"),
            None => Ok(()),
        }
    }
}
