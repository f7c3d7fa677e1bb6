//! [`Sending`]: the body of an answer on its way.

use super::progress::{Piece, Progress};
use crate::http::Body;
use crate::http::pump::{Pump, Pumped, pump};
use hyper::body::{Body as _, Bytes, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// The body of an answer as hyper takes it: it never blocks. When hyper drops it, all of it has
/// been taken, or the client does not want it.
pub(super) struct Sending<E> {
    source: Source,
    len: Option<u64>,
    /// Always there when hyper has it; the first is the answer's end, which comes when that is dropped.
    sent: Option<(E, Arc<Progress>)>,
}

enum Source {
    Bytes(Bytes),
    Pumped(Pumped),
    End,
}

/// What is to be read, while it is being sent.
pub(super) struct Reading {
    body: Body,
    pump: Pump,
}

/// How much hyper gets at once: it keeps what the client has no room for yet.
const PIECE: usize = 64 << 10;

impl<E> Sending<E> {
    /// The body, and what the handler's goroutine must still do for it.
    pub(super) fn new(body: Body) -> (Self, Option<Reading>) {
        let len = body.len();
        let (source, reading) = match body.into_bytes() {
            Ok(bytes) if bytes.is_empty() => (Source::End, None),
            Ok(bytes) => (Source::Bytes(bytes), None),
            Err(body) => {
                let (pump, pumped) = pump();
                (Source::Pumped(pumped), Some(Reading { body, pump }))
            }
        };
        let sent = None;
        let sending = Sending { source, len, sent };
        (sending, reading)
    }

    /// From here on it belongs to hyper.
    pub(super) fn begins(&mut self, ending: E, progress: &Arc<Progress>) {
        progress.is_held(!self.is_end());
        self.sent = Some((ending, progress.clone()));
    }

    fn is_end(&self) -> bool {
        matches!(self.source, Source::End)
    }

    fn poll(&mut self, waker: &Waker) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut self.source {
            Source::End => return Poll::Ready(None),
            Source::Bytes(bytes) if bytes.len() > PIECE => {
                return Poll::Ready(Some(Ok(Frame::data(bytes.split_to(PIECE)))));
            }
            Source::Bytes(_) => {}
            Source::Pumped(pumped) => {
                let polled = pumped.poll(waker);
                if !matches!(polled, Poll::Ready(None | Some(Err(_)))) {
                    return polled;
                }
                self.source = Source::End;
                return polled;
            }
        }
        match std::mem::replace(&mut self.source, Source::End) {
            Source::Bytes(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            Source::Pumped(_) | Source::End => Poll::Ready(None),
        }
    }
}

impl Reading {
    /// Reads the body to its end, or until the client does not want it. It may block.
    pub(super) fn run(&mut self) {
        let mut cx = Context::from_waker(Waker::noop());
        loop {
            match Pin::new(&mut self.body).poll_frame(&mut cx) {
                // It does not wait: it only wants what is there to be sent first.
                Poll::Pending => {}
                Poll::Ready(None) => return,
                Poll::Ready(Some(Ok(frame))) => {
                    if !self.pump.send(Ok(frame)) {
                        return;
                    }
                }
                Poll::Ready(Some(Err(e))) => {
                    self.pump.send(Err(e));
                    return;
                }
            }
        }
    }

    /// Lets the reader go, before the client is told of the end.
    pub(super) fn end(&mut self) {
        drop(std::mem::take(&mut self.body));
    }

    /// Breaks the answer off.
    pub(super) fn fail(&self) {
        let text = "http: the body's reader has panicked";
        self.pump.send(Err(io::Error::other(text)));
    }
}

impl<E: Unpin> hyper::body::Body for Sending<E> {
    type Data = Piece;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Piece>>>> {
        let polled = self.poll(cx.waker());
        let Some((_, progress)) = &self.sent else {
            return Poll::Pending;
        };
        // hyper asks when the piece before has room.
        progress.is_held(polled.is_ready());
        polled.map_ok(|frame| frame.map_data(|bytes| Piece::new(bytes, progress)))
    }

    fn is_end_stream(&self) -> bool {
        self.is_end()
    }

    fn size_hint(&self) -> SizeHint {
        self.len
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
