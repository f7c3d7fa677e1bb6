//! [`Link`]: a connection from the side of those who ask.

use super::line::Line;
use super::sending::SendBody;
use super::wait::wait;
use crate::context::{self, Context};
use hyper::client::conn::http1::SendRequest;
use std::sync::Arc;
use std::time::Duration;

/// A connection. Dropped in the midst of a request it is cut off; else it ends in good order.
pub(super) struct Link {
    pub(super) sender: SendRequest<SendBody>,
    line: Arc<Line>,
}

impl Link {
    pub(super) fn new(sender: SendRequest<SendBody>, line: Arc<Line>) -> Link {
        Link { sender, line }
    }

    /// An answer has come to its end. Can another request be sent? The last one's body may still be
    /// under way; it has a moment (as Go's `maxWriteWaitBeforeConnReuse`).
    pub(super) fn gets_ready(&mut self, ctx: Option<&Context>) -> bool {
        const MOMENT: Duration = Duration::from_millis(50);
        if self.sender.is_ready() {
            return true;
        }
        // Mostly the driver has just told us of the end, and is about to see that nothing else is left.
        crate::sched::gosched();
        if self.sender.is_ready() || self.sender.is_closed() {
            return self.sender.is_ready();
        }
        let parent = ctx.cloned().unwrap_or_else(context::background);
        let (moment, cancel) = context::with_timeout(&parent, MOMENT);
        let ready = wait(Some(&moment), self.sender.ready());
        cancel();
        matches!(ready, Ok(Ok(())))
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if !self.sender.is_ready() {
            self.line.close();
        }
    }
}
