//! [`Link`]: a connection from the side of the requests.

use super::door::Door;
use super::sending::SendBody;
#[cfg(feature = "http2")]
use super::shared_link::SharedLink;
use super::to_io::to_io;
use crate::chan::Receiver;
use crate::context::{self, Context};
use crate::http::Body;
use crate::http::line::Line;
use crate::http::wait::wait;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::{TrySendError, http1};
use hyper::rt::{Read, Write};
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// A connection. If it is dropped in the middle of a request it is cut off, unless other requests use
/// it too; else it ends in good order.
pub(super) enum Link {
    One(OneLink),
    /// One of many requests on the same connection.
    #[cfg(feature = "http2")]
    Shared(Arc<SharedLink>),
}

/// A connection of HTTP/1.1: for one request at a time.
pub(super) struct OneLink {
    sender: http1::SendRequest<SendBody>,
    door: Arc<Door>,
    /// `None`: another has it.
    line: Option<Arc<Line>>,
    /// Gets what hyper has left, if it fails at an answer's head; else closed at its end.
    left: Receiver<Left>,
}

/// What hyper reads and writes.
pub(super) trait Io: Read + Write + Unpin + Send {}

impl<T: Read + Write + Unpin + Send> Io for T {}

/// A connection that hyper has given up, and what it had read.
pub(super) struct Left {
    pub(super) io: Box<dyn Io>,
    pub(super) read: Bytes,
}

type Request = hyper::Request<SendBody>;

pub(super) type Sent = Result<hyper::Response<Incoming>, Failed>;

/// Why a request has not been answered.
pub(super) enum Failed {
    /// The connection had ended before it could be sent.
    Late(Request),
    Asked(TrySendError<Request>),
}

impl Failed {
    /// The request, if nothing of it was sent.
    pub(super) fn take_unsent(&mut self) -> Option<Request> {
        match self {
            Failed::Late(request) => {
                let none = Request::new(SendBody::new(Body::empty(), None));
                Some(std::mem::replace(request, none))
            }
            Failed::Asked(e) => e.take_message(),
        }
    }

    /// What hyper has said.
    pub(super) fn error(&self) -> Option<&hyper::Error> {
        match self {
            Failed::Late(_) => None,
            Failed::Asked(e) => Some(e.error()),
        }
    }

    pub(super) fn into_io(self) -> io::Error {
        match self {
            Failed::Late(_) => io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "http: the connection has ended",
            ),
            Failed::Asked(e) => to_io(e.into_error()),
        }
    }
}

impl Link {
    pub(super) fn is_shared(&self) -> bool {
        !matches!(self, Link::One(_))
    }

    /// Waits for what hyper, which has failed, has left. The caller has the line from then on.
    pub(super) fn left(&mut self) -> Option<(Arc<Line>, Left)> {
        match self {
            Link::One(link) => {
                let left = link.left.recv()?;
                Some((link.line.take()?, left))
            }
            #[cfg(feature = "http2")]
            Link::Shared(_) => None,
        }
    }

    /// Sends a request and waits for the head of the answer. The outer error is that of `ctx`.
    pub(super) fn ask(&mut self, request: Request, ctx: Option<&Context>) -> io::Result<Sent> {
        match self {
            Link::One(link) => {
                let OneLink { sender, door, .. } = link;
                match door.pass(request, |request| sender.try_send_request(request)) {
                    Ok(answer) => Ok(wait(ctx, answer)?.map_err(Failed::Asked)),
                    Err(request) => Ok(Err(Failed::Late(request))),
                }
            }
            #[cfg(feature = "http2")]
            Link::Shared(link) => {
                let mut sender = link.sender();
                let passed = link
                    .door
                    .pass(request, |request| sender.try_send_request(request));
                let answer = match passed {
                    Ok(answer) => wait(ctx, answer),
                    Err(request) => return Ok(Err(Failed::Late(request))),
                };
                match &answer {
                    Ok(Ok(_)) => link.answers(),
                    Ok(Err(_)) => {}
                    Err(_) => link.give_up(),
                }
                Ok(answer?.map_err(Failed::Asked))
            }
        }
    }
}

impl OneLink {
    pub(super) fn new(
        sender: http1::SendRequest<SendBody>,
        door: Arc<Door>,
        line: Arc<Line>,
        left: Receiver<Left>,
    ) -> OneLink {
        OneLink {
            sender,
            door,
            line: Some(line),
            left,
        }
    }

    /// Can a request be sent now?
    pub(super) fn is_ready(&self) -> bool {
        self.sender.is_ready()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed()
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

impl Drop for OneLink {
    fn drop(&mut self) {
        if let Some(line) = &self.line
            && !self.sender.is_ready()
        {
            line.close();
        }
    }
}
