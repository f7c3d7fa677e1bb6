//! [`pump`]: what a goroutine reads, which may block, for a body that must not.

use super::trailers::Trailers;
use crate::chan::{Receiver, Sender, TryRecvError, channel};
use crate::sync::Mutex;
use hyper::body::{Bytes, Frame};
use std::io::{self, Read};
use std::sync::Arc;
use std::task::{Poll, Waker};

/// The end of the goroutine that reads.
pub(super) struct Pump {
    /// Always there until it is dropped.
    pieces: Option<Sender<io::Result<Frame<Bytes>>>>,
    waker: Arc<Mutex<Option<Waker>>>,
}

/// The end of the body.
pub(super) struct Pumped {
    pieces: Receiver<io::Result<Frame<Bytes>>>,
    waker: Arc<Mutex<Option<Waker>>>,
}

/// The two ends. A little is read ahead.
pub(super) fn pump() -> (Pump, Pumped) {
    let (tx, pieces) = channel(2);
    let waker = Arc::new(Mutex::new(None));
    let pump = Pump {
        pieces: Some(tx),
        waker: waker.clone(),
    };
    (pump, Pumped { pieces, waker })
}

impl Pump {
    /// `false`: the reader does not want any more.
    pub(super) fn send(&self, piece: io::Result<Frame<Bytes>>) -> bool {
        let sent = match &self.pieces {
            Some(pieces) => pieces.checked_send(piece).is_ok(),
            None => false,
        };
        self.wake();
        sent
    }

    fn wake(&self) {
        let waker = self.waker.lock().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Ends at the end of `source`, after which come the `trailers`, or at the first piece that the reader
    /// does not want.
    pub(super) fn read_all(self, mut source: impl Read, trailers: Option<Box<Trailers>>) {
        /// How much is read at once.
        const PIECE: usize = 64 << 10;
        loop {
            let mut buf = vec![0; PIECE];
            let piece = match source.read(&mut buf) {
                Ok(0) => break,
                Ok(n) => {
                    buf.truncate(n);
                    Ok(Frame::data(Bytes::from(buf)))
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => Err(e),
            };
            let failed = piece.is_err();
            if !self.send(piece) || failed {
                return;
            }
        }
        if let Some(trailers) = trailers {
            self.send(Ok(Frame::trailers(trailers.get())));
        }
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        // First: the woken reader sees the end.
        drop(self.pieces.take());
        self.wake();
    }
}

impl Pumped {
    /// `None`: the end.
    pub(super) fn poll(&self, waker: &Waker) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let first = self.take();
        if first.is_ready() {
            return first;
        }
        let old = self.waker.lock().replace(waker.clone());
        drop(old);
        // A piece that came before the waker was there has not woken it.
        self.take()
    }

    fn take(&self) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.pieces.try_recv() {
            Ok(piece) => Poll::Ready(Some(piece)),
            Err(TryRecvError::Closed) => Poll::Ready(None),
            Err(TryRecvError::Empty) => Poll::Pending,
        }
    }
}
