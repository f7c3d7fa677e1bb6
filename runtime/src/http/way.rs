//! How hyper hands the parts of an answer to the connection: copied into one buffer, or one beside the other.
//!
//! For small answers the first costs far less, for large ones the second. hyper wants to know which when it takes the
//! connection over, so a connection begins as others of the server went on, and is taken over anew between two requests
//! when its answers are of the other kind.

use super::Body;
use hyper::body::Bytes;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::{Context, Poll};

/// See the file's head.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Into one buffer.
    Copied,
    /// One beside the other.
    Gathered,
}

/// What is known of a server's answers. Relaxed, and so are those of a connection: a hint.
#[derive(Default)]
pub(super) struct Usual(AtomicBool);

impl Usual {
    /// How a connection begins.
    pub(super) fn way(&self) -> Way {
        match self.0.load(Ordering::Relaxed) {
            true => Way::Gathered,
            false => Way::Copied,
        }
    }

    fn set(&self, way: Way) {
        self.0.store(way == Way::Gathered, Ordering::Relaxed);
    }
}

/// The way of one connection. Only its goroutine uses it.
pub(super) struct Ways {
    gathered: AtomicBool,
    /// How many answers in a row were of the other kind; a large one counts for many.
    others: AtomicU32,
}

/// More than this is large.
const LARGE: u64 = 16 << 10;
/// After so many answers of the other kind in a row the way is changed.
const MANY: u32 = 64;

impl Ways {
    pub(super) fn new(way: Way) -> Ways {
        Ways {
            gathered: AtomicBool::new(way == Way::Gathered),
            others: AtomicU32::new(0),
        }
    }

    pub(super) fn way(&self) -> Way {
        match self.gathered.load(Ordering::Relaxed) {
            true => Way::Gathered,
            false => Way::Copied,
        }
    }

    /// An answer with a body of this length, if that is known, is about to be sent. Says how.
    #[inline]
    pub(super) fn answers(&self, len: Option<u64>) -> Way {
        let is_large = len.is_none_or(|len| len > LARGE);
        let way = self.way();
        match (way, is_large) {
            (Way::Copied, false) => {}
            (Way::Copied, true) => self.others.store(MANY, Ordering::Relaxed),
            (Way::Gathered, false) => {
                let others = self.others.load(Ordering::Relaxed);
                self.others.store(others + 1, Ordering::Relaxed);
            }
            (Way::Gathered, true) => self.others.store(0, Ordering::Relaxed),
        }
        way
    }

    /// Between two requests: is the way to be changed? It is from now on, and the server's other connections begin with
    /// it.
    #[inline]
    pub(super) fn change(&self, usual: &Usual) -> Option<Way> {
        if self.others.load(Ordering::Relaxed) < MANY {
            return None;
        }
        self.others.store(0, Ordering::Relaxed);
        let new = match self.way() {
            Way::Copied => Way::Gathered,
            Way::Gathered => Way::Copied,
        };
        self.gathered.store(new == Way::Gathered, Ordering::Relaxed);
        usual.set(new);
        Some(new)
    }
}

/// How much of a body hyper gets at once where it copies: its buffer has room for that from then on.
const PIECE: usize = 32 << 10;

/// Cuts a large body that is copied.
pub(super) struct Pieces {
    way: Way,
    /// What hyper has got is on its way to the peer.
    sent: bool,
}

impl Pieces {
    pub(super) fn new(way: Way) -> Pieces {
        Pieces { way, sent: true }
    }

    /// The next piece; `None`: the body is to be taken as it is.
    #[inline]
    pub(super) fn poll(&mut self, body: &mut Body, cx: &mut Context<'_>) -> Option<Poll<Bytes>> {
        if self.way == Way::Gathered || !body.has_more_than(PIECE) {
            return None;
        }
        Some(self.poll_piece(body, cx))
    }

    #[cold]
    #[inline(never)]
    fn poll_piece(&mut self, body: &mut Body, cx: &mut Context<'_>) -> Poll<Bytes> {
        // Pending, once, makes hyper send what it has.
        if !self.sent {
            self.sent = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.sent = false;
        Poll::Ready(body.split_to(PIECE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A large answer changes it at once, and only many small ones in a row change it back.
    #[test]
    fn the_way_follows_the_answers() {
        let usual = Usual::default();
        let ways = Ways::new(usual.way());
        assert!(ways.answers(Some(LARGE)) == Way::Copied && ways.change(&usual).is_none());
        for large in [None, Some(LARGE + 1)] {
            assert!(ways.answers(large) == Way::Copied);
            assert!(ways.change(&usual) == Some(Way::Gathered) && usual.way() == Way::Gathered);
            for round in 0..2 {
                for _ in 1..MANY {
                    assert!(ways.answers(Some(0)) == Way::Gathered);
                    assert!(ways.change(&usual).is_none());
                }
                let last = [large, Some(0)][round];
                assert!(ways.answers(last) == Way::Gathered);
            }
            assert!(ways.change(&usual) == Some(Way::Copied) && usual.way() == Way::Copied);
        }
    }
}
