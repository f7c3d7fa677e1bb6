//! Two attempts, the second a little later; the first success wins.

use crate::chan::channel;
use crate::context::{self, Context};
use crate::time;
use std::io;
use std::time::Duration;

/// Runs `primary` at once, and `fallback` when `delay` is over or `primary` has failed. The first
/// to succeed wins and the other is cancelled; if both fail, `primary`'s error counts.
pub(super) fn race<T: Send + 'static>(
    ctx: &Context,
    delay: Duration,
    primary: impl FnOnce(&Context) -> io::Result<T> + Send + 'static,
    fallback: impl FnOnce(&Context) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (ctx, cancel) = context::with_cancel(ctx);
    // Room for both: the loser leaves its result behind and ends.
    let (tx, results) = channel(2);
    crate::go!([tx, ctx], {
        let _ = tx.try_send((true, primary(&ctx)));
    });
    let mut waiting_fallback = Some(fallback);
    let mut delay = Some(time::after(delay));
    let mut primary_error = None;
    let mut running = 1;
    let result = loop {
        let (is_primary, result) = crate::select! {
            r = <-results => r.expect("both attempts answer"),
            <-delay => {
                delay = None;
                start(&mut waiting_fallback, &tx, &ctx, &mut running);
                continue;
            }
        };
        running -= 1;
        match result {
            Ok(t) => break Ok(t),
            Err(e) if is_primary => primary_error = Some(e),
            Err(e) => drop(primary_error.get_or_insert(e)),
        }
        delay = None;
        start(&mut waiting_fallback, &tx, &ctx, &mut running);
        if running == 0 {
            break Err(primary_error.expect("both have failed"));
        }
    };
    cancel();
    result
}

/// Starts the fallback, if it has not been.
fn start<T: Send + 'static>(
    fallback: &mut Option<impl FnOnce(&Context) -> io::Result<T> + Send + 'static>,
    tx: &crate::Sender<(bool, io::Result<T>)>,
    ctx: &Context,
    running: &mut u32,
) {
    if let Some(fallback) = fallback.take() {
        *running += 1;
        crate::go!([tx, ctx], {
            let _ = tx.try_send((false, fallback(&ctx)));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    type Attempt = fn(&Context) -> io::Result<&'static str>;

    fn refused(_: &Context) -> io::Result<&'static str> {
        Err(io::ErrorKind::ConnectionRefused.into())
    }

    fn unreachable(_: &Context) -> io::Result<&'static str> {
        Err(io::ErrorKind::HostUnreachable.into())
    }

    /// Until it is cancelled.
    fn hangs(ctx: &Context) -> io::Result<&'static str> {
        ctx.done().recv();
        Err(io::ErrorKind::TimedOut.into())
    }

    fn run(delay: u64, primary: Attempt, fallback: Attempt) -> io::Result<&'static str> {
        let delay = Duration::from_millis(delay);
        race(&context::background(), delay, primary, fallback)
    }

    /// Go's `TestDialParallel`.
    #[test]
    fn who_wins() {
        let (first, second): (Attempt, Attempt) = (|_| Ok("first"), |_| Ok("second"));
        assert_eq!(run(60_000, first, second).unwrap(), "first");
        assert_eq!(run(10, hangs, second).unwrap(), "second");
        assert_eq!(run(10, first, refused).unwrap(), "first");
        // A failure does not wait for the delay.
        let begin = Instant::now();
        assert_eq!(run(120_000, refused, second).unwrap(), "second");
        assert!(begin.elapsed() < Duration::from_secs(60));
        let e = run(0, refused, unreachable).unwrap_err();
        assert_eq!(e.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn cancelling_ends_both() {
        let (ctx, cancel) = context::with_cancel(&context::background());
        crate::go!({
            time::sleep(Duration::from_millis(20));
            cancel();
        });
        let e = race(&ctx, Duration::ZERO, hangs, hangs).unwrap_err();
        assert_eq!(e.kind(), io::ErrorKind::TimedOut);
    }
}
