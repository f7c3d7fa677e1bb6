//! [`SendBody`]: the body of a request on its way.

use crate::http::Body;
use crate::http::body::Whole;
use crate::http::pump::{Pumped, pump};
use crate::http::trailers::Trailers;
use crate::sync::Mutex;
use hyper::body::{Body as _, Bytes, Frame, SizeHint};
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

/// The body of a request as hyper takes it.
pub(super) struct SendBody {
    source: Source,
    /// How much is left, if that is known.
    left: Option<u64>,
    /// It is kept back until the server says "continue".
    gate: Option<Arc<Gate>>,
    /// Set when hyper has taken all of it, or wants no more.
    sent: Arc<AtomicBool>,
}

enum Source {
    Bytes(Bytes),
    /// Not begun yet.
    Reader(Box<dyn Read + Send>, Option<Box<Trailers>>),
    Pumped(Pumped),
    End,
}

impl SendBody {
    pub(super) fn new(body: Body, gate: Option<Arc<Gate>>) -> SendBody {
        // What is followed by trailers goes in chunks.
        let left = body.size_hint().exact();
        let source = match body.into_whole() {
            Whole::Bytes(bytes) if bytes.is_empty() => Source::End,
            Whole::Bytes(bytes) => Source::Bytes(bytes),
            Whole::Reader(source, trailers) => Source::Reader(source, trailers),
        };
        SendBody {
            source,
            left,
            gate,
            sent: Arc::default(),
        }
    }

    /// What keeps it back, if anything does.
    pub(super) fn gate(&self) -> Option<Arc<Gate>> {
        self.gate.clone()
    }

    /// Becomes true when it has been sent.
    pub(super) fn sent(&self) -> Arc<AtomicBool> {
        self.sent.clone()
    }
}

impl Drop for SendBody {
    fn drop(&mut self) {
        self.sent.store(true, Ordering::SeqCst);
    }
}

impl hyper::body::Body for SendBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(gate) = &self.gate
            && !gate.is_open(cx.waker())
        {
            return Poll::Pending;
        }
        loop {
            match std::mem::replace(&mut self.source, Source::End) {
                Source::End => return Poll::Ready(None),
                Source::Bytes(bytes) => {
                    self.left = Some(0);
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                Source::Reader(source, trailers) => {
                    let (pump, pumped) = pump();
                    crate::go!(move || pump.read_all(source, trailers));
                    self.source = Source::Pumped(pumped);
                }
                Source::Pumped(pumped) => {
                    let polled = pumped.poll(cx.waker());
                    if let Poll::Ready(Some(Ok(frame))) = &polled {
                        let n = frame.data_ref().map_or(0, |data| data.len() as u64);
                        self.left = self.left.map(|left| left.saturating_sub(n));
                    }
                    if !matches!(polled, Poll::Ready(None | Some(Err(_)))) {
                        self.source = Source::Pumped(pumped);
                    }
                    return polled;
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.source, Source::End)
    }

    fn size_hint(&self) -> SizeHint {
        self.left
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// Keeps a body back (`Expect: 100-continue`).
#[derive(Default)]
pub(super) struct Gate {
    open: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Gate {
    pub(super) fn open(&self) {
        self.open.store(true, Ordering::SeqCst);
        let waker = self.waker.lock().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn is_open(&self, waker: &Waker) -> bool {
        if self.open.load(Ordering::SeqCst) {
            return true;
        }
        let old = self.waker.lock().replace(waker.clone());
        drop(old);
        // Again: it may have been opened before the waker was there.
        self.open.load(Ordering::SeqCst)
    }
}
