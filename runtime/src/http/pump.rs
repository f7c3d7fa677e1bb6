//! [`pump`]: what a goroutine reads, which may block, for a body that must not.

use super::trailers::Trailers;
use crate::chan::{Receiver, Sender, TryRecvError, channel};
use crate::sync::Mutex;
use bytes::{Bytes, BytesMut};
use hyper::body::Frame;
use std::collections::VecDeque;
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
        let mut pieces = Pieces::default();
        loop {
            let mut buf = pieces.take(PIECE);
            let piece = match source.read(&mut buf) {
                Ok(0) => break,
                // No reader may say more than was asked for, but one that does is the user's.
                Ok(n) => {
                    let n = n.min(buf.len());
                    Ok(Frame::data(pieces.lend(buf, n)))
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

/// The pieces that were sent: those that the reader has dropped are filled again.
#[derive(Default)]
struct Pieces(VecDeque<Bytes>);

impl Pieces {
    /// A piece of this length.
    fn take(&mut self, len: usize) -> BytesMut {
        if let Some(first) = self.0.pop_front() {
            match first.try_into_mut() {
                Ok(buf) => return buf,
                Err(first) => self.0.push_front(first),
            }
        }
        BytesMut::zeroed(len)
    }

    /// The first `n` bytes of `buf`.
    fn lend(&mut self, buf: BytesMut, n: usize) -> Bytes {
        let all = buf.freeze();
        let piece = all.slice(..n);
        self.0.push_back(all);
        piece
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

#[cfg(test)]
mod tests {
    use super::{Pieces, pump};
    use std::io::{self, Read};

    /// A piece that somebody has is not filled again; one that nobody has is.
    #[test]
    fn pieces_are_used_again_when_they_are_free() {
        let mut pieces = Pieces::default();
        let mut lend = |n: u8| {
            let mut buf = pieces.take(8);
            assert_eq!(buf.len(), 8);
            buf.fill(n);
            (buf.as_ptr(), pieces.lend(buf, 4))
        };
        let (first, kept) = lend(1);
        let (second, dropped) = lend(2);
        assert_ne!(first, second);
        drop(dropped);
        // In their order.
        let (third, also) = lend(3);
        assert!(third != first && third != second);
        assert_eq!((&kept[..], &also[..]), (&[1; 4][..], &[3; 4][..]));
        drop(kept);
        assert_eq!(lend(4).0, first);
        assert_eq!(lend(5).0, second);
        assert_eq!(also[..], [3; 4]);
    }

    /// Says that it has read more than fits, once.
    struct Boasting(bool);

    impl Read for Boasting {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            buf.fill(b'x');
            Ok(if std::mem::replace(&mut self.0, true) {
                0
            } else {
                buf.len() + 1
            })
        }
    }

    /// A reader that counts wrongly gives what there is.
    #[test]
    fn a_reader_that_says_too_much() {
        crate::runtime::run(|| {
            let (pump, pumped) = pump();
            let pumping = crate::spawn(move || pump.read_all(Boasting(false), None));
            let piece = pumped.pieces.recv().unwrap().unwrap();
            assert!(piece.data_ref().unwrap().iter().all(|&b| b == b'x'));
            assert!(pumped.pieces.recv().is_none());
            pumping.join().unwrap();
        });
    }
}
