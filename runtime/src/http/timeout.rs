//! [`TimeoutHandler`]: a limit of time for another handler.

use super::{Handler, Request, Response, StatusCode};
use crate::chan::channel;
use crate::context;
use crate::panic::recover;
use std::sync::Arc;
use std::time::Duration;

/// Gives another handler a limited time, and answers 503 when that is over (Go's `http.TimeoutHandler`).
///
/// The handler runs in a goroutine of its own. When its time is over, its request's
/// [`context`](Request::context) is done, and reading its body fails; what it returns then is dropped.
/// An answer's [`Body::reader`](super::Body::reader) is not limited.
///
/// ```
/// use goroutines::http::{Handler, Request, TimeoutHandler};
/// use std::time::Duration;
///
/// let slow = |req: &Request| {
///     req.context().done().recv();
///     "never seen"
/// };
/// let limited = TimeoutHandler::new(slow, Duration::from_millis(5)).text("come again");
/// let answer = limited.serve_http(&Request::new("GET", "/"));
/// assert_eq!(answer.status(), 503);
/// assert_eq!(answer.text()?, "come again");
/// # std::io::Result::Ok(())
/// ```
pub struct TimeoutHandler {
    handler: Arc<dyn Handler>,
    limit: Duration,
    text: String,
}

/// What Go says.
const TEXT: &str = "<html><head><title>Timeout</title></head><body><h1>Timeout</h1></body></html>";

impl TimeoutHandler {
    /// Limits `handler`.
    pub fn new(handler: impl Handler, limit: Duration) -> TimeoutHandler {
        TimeoutHandler {
            handler: Arc::new(handler),
            limit,
            text: TEXT.to_owned(),
        }
    }

    /// What is answered when the time is over, instead of a line of HTML.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> TimeoutHandler {
        self.text = text.into();
        self
    }
}

impl Handler for TimeoutHandler {
    fn serve_http(&self, req: &Request) -> Response {
        let (ctx, cancel) = context::with_timeout(&req.context(), self.limit);
        let lent = Arc::new(req.lend((ctx.clone(), cancel)));
        let (tx, rx) = channel(1);
        {
            let (handler, lent, ctx) = (self.handler.clone(), lent.clone(), ctx.clone());
            crate::go!(move || {
                let answer = recover(|| handler.serve_http(&lent));
                drop(lent);
                // Else it is too late, also where nobody has looked at the time yet. And the receiver may have stopped
                // waiting for it.
                if ctx.err().is_none() {
                    let _ = tx.try_send(answer);
                }
            });
        }
        let answer = crate::select! {
            biased;
            answer = <-rx => answer,
            <-ctx.done() => None,
        };
        req.take_back(&lent);
        match answer {
            Some(Ok(answer)) => answer,
            Some(Err(panic)) => panic.resume(),
            None => Response::typed("text/html", &*self.text)
                .with_status(StatusCode::SERVICE_UNAVAILABLE),
        }
    }
}
