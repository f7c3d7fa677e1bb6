//! A goroutine that waits for a future, until its context is done.

use crate::block_on::block_on;
use crate::context::{self, Context, ContextError};
use crate::sync::Mutex;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Poll, Waker};
use std::time::Instant;

/// Waits for `future`; gives up, with the context's error, when `ctx` is done.
pub(super) fn wait<F: Future>(ctx: Option<&Context>, future: F) -> io::Result<F::Output> {
    let Some(ctx) = ctx else {
        return Ok(block_on(future));
    };
    check(Some(ctx))?;
    let mut future = pin!(future);
    let mut alarm: Option<Alarm> = None;
    let output = block_on(poll_fn(|cx| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        let alarm = alarm.get_or_insert_with(|| Alarm::of(ctx));
        match alarm.has_rung(cx.waker()) {
            true => Poll::Ready(None),
            false => Poll::Pending,
        }
    }));
    match output {
        Some(output) => Ok(output),
        None => check(Some(ctx)).and(Err(io::ErrorKind::TimedOut.into())),
    }
}

/// Fails if the context is done, or would be by now: what waits until its deadline may end before it.
pub(super) fn check(ctx: Option<&Context>) -> io::Result<()> {
    let Some(ctx) = ctx else {
        return Ok(());
    };
    match (ctx.err(), ctx.deadline()) {
        (Some(e), _) => Err(e.into()),
        (None, Some(due)) if due <= Instant::now() => Err(ContextError::DeadlineExceeded.into()),
        (None, _) => Ok(()),
    }
}

/// Rings when a context is done, unless it was dropped before.
struct Alarm {
    bell: Arc<Bell>,
    stop: context::StopFunc,
}

#[derive(Default)]
struct Bell {
    rung: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Alarm {
    fn of(ctx: &Context) -> Alarm {
        let bell = Arc::new(Bell::default());
        let stop = context::after_func(ctx, {
            let bell = bell.clone();
            move || {
                bell.rung.store(true, Ordering::SeqCst);
                let waker = bell.waker.lock().take();
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
        });
        Alarm { bell, stop }
    }

    /// If not, `waker` is woken when it does.
    fn has_rung(&self, waker: &Waker) -> bool {
        let old = self.bell.waker.lock().replace(waker.clone());
        drop(old);
        // After the waker is there: a goroutine that rings now sees it, or its ring is seen here.
        // Both stand in the one order of SeqCst with the lock.
        self.bell.rung.load(Ordering::SeqCst)
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        (self.stop)();
    }
}
