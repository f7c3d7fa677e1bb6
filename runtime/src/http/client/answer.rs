//! [`AnswerBody`]: the body of an answer, as it comes in.

use super::hosts::Place;
use super::link::Link;
use super::pool::{Key, Pool};
use super::to_io::to_io;
use crate::context::{self, CancelFunc, Context};
use crate::http::trailers::Came;
use crate::http::wait::{check, wait};
use hyper::body::{Body as _, Bytes, Incoming};
use std::future::poll_fn;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a request may take. Dropped when it is over.
pub(super) struct Limit {
    ctx: Option<Context>,
    cancel: Option<CancelFunc>,
}

impl Limit {
    pub(super) fn new(ctx: Option<Context>, due: Option<Instant>) -> Limit {
        let Some(due) = due else {
            return Limit { ctx, cancel: None };
        };
        let parent = ctx.unwrap_or_else(context::background);
        let (ctx, cancel) = context::with_deadline(&parent, due);
        Limit {
            ctx: Some(ctx),
            cancel: Some(cancel),
        }
    }

    pub(super) fn ctx(&self) -> Option<&Context> {
        self.ctx.as_ref()
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        if let Some(cancel) = &self.cancel {
            cancel();
        }
    }
}

/// The connection that an answer comes by.
pub(super) struct Way {
    pub(super) link: Link,
    pub(super) pool: Arc<Pool>,
    pub(super) key: Key,
    /// The request's body has been sent.
    pub(super) sent: Arc<AtomicBool>,
}

impl Way {
    /// The answer has come to its end: the connection waits for the next request, if both sides can.
    fn keep(self, ctx: Option<&Context>) {
        match self.link {
            Link::One(mut link) => {
                if self.sent.load(Ordering::SeqCst) && link.gets_ready(ctx) {
                    self.pool.put(&self.key, link);
                }
            }
            // It is kept anyway.
            #[cfg(feature = "http2")]
            Link::Shared(_) => {}
        }
    }
}

/// What is left of an answer.
struct Rest {
    incoming: Incoming,
    way: Way,
}

/// The body of an answer. Reading it to its end gives the connection back; the place at the host is
/// free when it is dropped.
pub(super) struct AnswerBody {
    chunk: Bytes,
    rest: Option<Rest>,
    came: Came,
    failed: bool,
    limit: Limit,
    _place: Place,
}

impl AnswerBody {
    pub(super) fn new(incoming: Incoming, way: Way, limit: Limit, place: Place) -> AnswerBody {
        let mut body = AnswerBody {
            chunk: Bytes::new(),
            rest: None,
            came: Came::default(),
            failed: false,
            limit,
            _place: place,
        };
        if incoming.is_end_stream() {
            way.keep(body.limit.ctx());
        } else {
            body.rest = Some(Rest { incoming, way });
        }
        body
    }

    /// How long it is, if the server has said so.
    pub(super) fn len(&self) -> Option<u64> {
        let rest = self.rest.as_ref();
        rest.map_or(Some(0), |rest| rest.incoming.size_hint().exact())
    }

    /// Where its trailers will be.
    pub(super) fn came(&self) -> Came {
        self.came.clone()
    }

    fn fetch(&mut self) -> io::Result<()> {
        while let Some(rest) = &mut self.rest {
            let next = poll_fn(|cx| Pin::new(&mut rest.incoming).poll_frame(cx));
            match wait(self.limit.ctx(), next)? {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => {
                        self.chunk = data;
                        return Ok(());
                    }
                    Ok(_) => {}
                    Err(frame) => {
                        if let Ok(trailers) = frame.into_trailers() {
                            let _ = self.came.set(trailers);
                        }
                    }
                },
                Some(Err(e)) => {
                    return Err(check(self.limit.ctx()).err().unwrap_or_else(|| to_io(e)));
                }
                None => {
                    if let Some(rest) = self.rest.take() {
                        rest.way.keep(self.limit.ctx());
                    }
                }
            }
        }
        Ok(())
    }
}

impl Read for AnswerBody {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        if self.failed {
            return Err(io::Error::other("http: read after an error"));
        }
        if self.chunk.is_empty()
            && let Err(e) = self.fetch()
        {
            self.failed = true;
            self.rest = None;
            return Err(e);
        }
        let n = self.chunk.len().min(buf.len());
        buf[..n].copy_from_slice(&self.chunk.split_to(n));
        Ok(n)
    }
}

/// A little that the caller has not read is read, for a moment, so that the connection can be kept (Go 1.27).
impl Drop for AnswerBody {
    fn drop(&mut self) {
        const MOST: u64 = 256 << 10;
        const MOMENT: Duration = Duration::from_millis(50);
        let Some(Rest { mut incoming, way }) = self.rest.take() else {
            return;
        };
        if way.link.is_shared()
            || check(self.limit.ctx()).is_err()
            || incoming.size_hint().lower() > MOST
        {
            return;
        }
        crate::go!(move || {
            let limit = Limit::new(None, Instant::now().checked_add(MOMENT));
            let mut left = MOST;
            loop {
                let next = poll_fn(|cx| Pin::new(&mut incoming).poll_frame(cx));
                match wait(limit.ctx(), next) {
                    Ok(None) => return way.keep(limit.ctx()),
                    Ok(Some(Ok(frame))) => {
                        let n = frame.data_ref().map_or(0, |data| data.len() as u64);
                        let Some(less) = left.checked_sub(n) else {
                            return;
                        };
                        left = less;
                    }
                    Ok(Some(Err(_))) | Err(_) => return,
                }
            }
        });
    }
}
