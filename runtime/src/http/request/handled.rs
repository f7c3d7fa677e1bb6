//! [`Handled`]: a request whose handler has returned.

use super::body::BodyState;
use super::watch::{StillAnswering, Watch};
use super::{Incoming, Origin, Request};
use crate::context::{CancelFunc, Context};
use hyper::body::{Bytes, Frame};
use hyper::header::HeaderMap;
use hyper::http::{Method, Uri};
use std::sync::{Arc, OnceLock};
use std::task::Poll;

/// What the handler is done with.
pub(in crate::http) struct Handled<'a> {
    headers: &'a mut HeaderMap,
    body: &'a mut BodyState,
    origin: &'a mut Option<Arc<dyn Origin>>,
    context: &'a mut OnceLock<(Context, CancelFunc)>,
    watch: &'a mut OnceLock<Watch>,
}

/// What is left of it.
pub(in crate::http) struct Finished<'a> {
    headers: &'a mut HeaderMap,
    /// Was the body read to its end?
    pub(in crate::http) all_read: bool,
    /// What is to be kept while the answer is being sent, if the handler has asked for the context.
    pub(in crate::http) still: Option<StillAnswering>,
    /// The reference to the connection.
    pub(in crate::http) origin: Option<Arc<dyn Origin>>,
}

impl Request {
    /// The handler has returned: what was asked for, and the rest.
    pub(in crate::http) fn handled(&mut self) -> (&Method, &Uri, Handled<'_>) {
        let handled = Handled {
            headers: &mut self.parts.headers,
            body: &mut self.body,
            origin: &mut self.conn,
            context: &mut self.context,
            watch: &mut self.watch,
        };
        (&self.parts.method, &self.parts.uri, handled)
    }
}

impl<'a> Handled<'a> {
    /// Passes over what the handler has left of the body, if that is little and has come.
    pub(in crate::http) fn skim_body(
        &mut self,
        next: impl FnMut(&mut Incoming) -> Poll<Option<hyper::Result<Frame<Bytes>>>>,
    ) {
        self.body.skim(next);
    }

    /// Could the body not be read as it came, or has it trailers? hyper ends those at an empty line that
    /// ends in CR and LF, and forgets what stands between that and one that ends in LF alone: another
    /// request, for who takes either for the end.
    pub(in crate::http) fn body_ends_unclearly(&mut self) -> bool {
        self.body.is_broken() || self.body.has_trailers()
    }

    /// From now on nothing of the request is under way.
    pub(in crate::http) fn finish(self) -> Finished<'a> {
        let origin = self.origin.take();
        let still = match &origin {
            Some(origin) => self.context.take().map(|(_, cancel)| StillAnswering {
                wire: origin.wire().cloned(),
                cancel,
            }),
            None => None,
        };
        // Waits for its end.
        drop(self.watch.take());
        Finished {
            headers: self.headers,
            all_read: self.body.is_read_to_end(),
            still,
            origin,
        }
    }
}

impl Finished<'_> {
    /// An answer without headers gets the room that the request's had, if that is not much: hyper keeps it for the next
    /// request, also while the connection is idle.
    pub(in crate::http) fn give_room(&mut self, headers: &mut HeaderMap) {
        /// So many have room.
        const MOST: usize = 12;
        if headers.is_empty() && self.headers.capacity() <= MOST {
            self.headers.clear();
            std::mem::swap(self.headers, headers);
        }
    }
}
