//! The context of the request that a goroutine is sending.
//!
//! ureq hands nothing of a request down to the connection, so it lies with the goroutine meanwhile:
//! the functions of [`transport`](super::transport) look for it here.

use crate::context::{self, Context, ContextError};
use crate::net::TcpStream;
use std::cell::RefCell;
use std::io;
use std::sync::Arc;
use std::time::Instant;

crate::goroutine_local! {
    static CURRENT: RefCell<Option<Context>> = RefCell::new(None);
}

/// Runs `f` with this context as the current one. What fails because it is done fails with its
/// error.
pub(super) fn with_context<R>(
    ctx: Option<&Context>,
    f: impl FnOnce() -> io::Result<R>,
) -> io::Result<R> {
    /// Puts back what was there: a body that is being sent may come from another request.
    struct Restore(Option<Context>);
    impl Drop for Restore {
        fn drop(&mut self) {
            swap(self.0.take());
        }
    }
    check(ctx)?;
    let restore = Restore(swap(ctx.cloned()));
    let result = f();
    drop(restore);
    result.map_err(|e| {
        // A connect ends by itself at the context's deadline, and may be told first.
        let deadline = ctx.and_then(Context::deadline);
        if e.kind() == io::ErrorKind::TimedOut && deadline.is_some_and(|d| d <= Instant::now()) {
            return ContextError::DeadlineExceeded.into();
        }
        check(ctx).err().unwrap_or(e)
    })
}

fn swap(ctx: Option<Context>) -> Option<Context> {
    CURRENT.with(|current| current.replace(ctx))
}

fn check(ctx: Option<&Context>) -> io::Result<()> {
    match ctx.and_then(Context::err) {
        Some(e) => Err(e.into()),
        None => Ok(()),
    }
}

/// The current context, if there is one.
pub(super) fn current() -> Option<Context> {
    CURRENT.with(|current| current.borrow().clone())
}

/// Runs a call on `stream`, which is closed if the current context is done before it returns.
pub(super) fn cancellable<R>(
    stream: &Arc<TcpStream>,
    call: impl FnOnce(&TcpStream) -> io::Result<R>,
) -> io::Result<R> {
    let Some(ctx) = current() else {
        return call(stream);
    };
    let stop = context::after_func(&ctx, {
        let stream = stream.clone();
        // It may be closed already.
        move || drop(stream.close())
    });
    let result = call(stream);
    if !stop() {
        // Closed by now, or in a moment: nobody else is to get it.
        let _ = stream.close();
    }
    result
}
