//! The functions that a caller gets back: to cancel, or to call a function off.

use super::core::{AfterFunc, Core};
use super::error::{BoxError, Cause, ContextError};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Cancels a context: call it as a function, `cancel()`. Calls after the first do nothing; dropping
/// it does not cancel.
///
/// ```
/// use goroutines::context;
/// let (ctx, cancel) = context::with_cancel(&context::background());
/// let other = cancel.clone();
/// std::thread::spawn(move || other()).join().unwrap();
/// cancel();
/// assert!(ctx.err().is_some());
/// ```
#[derive(Clone)]
#[must_use = "dropping a cancel function does not cancel"]
pub struct CancelFunc(Arc<dyn Fn() + Send + Sync>);

impl CancelFunc {
    pub(super) fn new(core: Arc<Core>) -> Self {
        CancelFunc(Arc::new(move || core.cancel(ContextError::Canceled, None)))
    }

    /// A function that does more than cancel.
    pub(crate) fn from_fn(f: impl Fn() + Send + Sync + 'static) -> Self {
        CancelFunc(Arc::new(f))
    }
}

impl Deref for CancelFunc {
    type Target = dyn Fn() + Send + Sync;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

/// Cancels a context for a reason: `cancel(error.into())`, `cancel("text".into())`. Calls after the
/// first do nothing; dropping it does not cancel.
///
/// ```
/// use goroutines::context;
/// let (ctx, cancel) = context::with_cancel_cause(&context::background());
/// cancel("first".into());
/// cancel("second".into());
/// assert_eq!(context::cause(&ctx).unwrap().to_string(), "first");
/// ```
#[derive(Clone)]
#[must_use = "dropping a cancel function does not cancel"]
pub struct CancelCauseFunc(Arc<dyn Fn(BoxError) + Send + Sync>);

impl CancelCauseFunc {
    pub(super) fn new(core: Arc<Core>) -> Self {
        CancelCauseFunc(Arc::new(move |cause| {
            core.cancel(ContextError::Canceled, Some(Cause::from(cause)));
        }))
    }
}

impl Deref for CancelCauseFunc {
    type Target = dyn Fn(BoxError) + Send + Sync;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

/// Calls off a function given to [`after_func`](super::after_func): call it as a function, `stop()`.
///
/// ```
/// use goroutines::context;
/// let stop = context::after_func(&context::background(), || ());
/// assert!(stop());
/// ```
#[derive(Clone)]
pub struct StopFunc(Arc<dyn Fn() -> bool + Send + Sync>);

impl StopFunc {
    pub(super) fn new(core: Option<&Arc<Core>>, func: Arc<AfterFunc>) -> Self {
        let core = core.map(Arc::downgrade);
        StopFunc(Arc::new(move || {
            let called_off = func.take();
            if called_off.is_none() {
                return false;
            }
            if let Some(core) = core.as_ref().and_then(|core| core.upgrade()) {
                core.remove_func(&func);
            }
            true
        }))
    }
}

impl Deref for StopFunc {
    type Target = dyn Fn() -> bool + Send + Sync;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl fmt::Debug for CancelFunc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CancelFunc")
    }
}

impl fmt::Debug for CancelCauseFunc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CancelCauseFunc")
    }
}

impl fmt::Debug for StopFunc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StopFunc")
    }
}
