//! Why calls on a descriptor fail without asking the kernel: one byte, read at every call.

use crate::net::NetError;
use crate::net::rt::Direction;
use std::sync::atomic::{AtomicU8, Ordering};

/// `close` was called. Never cleared while the descriptor lives.
const CLOSED: u8 = 1;
/// The read deadline has passed. Changed only under that deadline's lock.
const READ_EXPIRED: u8 = 2;
/// The write deadline has passed. Changed only under that deadline's lock.
const WRITE_EXPIRED: u8 = 4;
/// The user wants `WouldBlock`.
const NONBLOCKING: u8 = 8;

/// Has the deadline passed?
pub(super) struct Expired(pub(super) bool);

/// See the file's head. Every change is SeqCst and followed by a look at the waiter's word; a
/// waiter announces itself there (SeqCst) and then looks here: one of the two sees the other.
pub(super) struct Flags(AtomicU8);

impl Flags {
    pub(super) const fn new() -> Self {
        Self(AtomicU8::new(0))
    }

    /// May calls in this direction go on?
    #[inline]
    pub(super) fn check(&self, dir: Direction) -> Result<(), NetError> {
        let flags = self.0.load(Ordering::SeqCst);
        if flags == 0 {
            return Ok(());
        }
        if flags & CLOSED != 0 {
            return Err(NetError::Closed);
        }
        if flags & expired_bit(dir) != 0 {
            return Err(NetError::Timeout);
        }
        Ok(())
    }

    #[inline]
    pub(super) fn closed(&self) -> bool {
        self.0.load(Ordering::SeqCst) & CLOSED != 0
    }

    /// `true` for the one call that closes.
    pub(super) fn set_closed(&self) -> bool {
        self.0.fetch_or(CLOSED, Ordering::SeqCst) & CLOSED == 0
    }

    pub(super) fn set_expired(&self, dir: Direction, expired: Expired) {
        let bit = expired_bit(dir);
        if (self.0.load(Ordering::Relaxed) & bit != 0) == expired.0 {
            return;
        }
        if expired.0 {
            self.0.fetch_or(bit, Ordering::SeqCst);
        } else {
            self.0.fetch_and(!bit, Ordering::SeqCst);
        }
    }

    #[inline]
    pub(super) fn nonblocking(&self) -> bool {
        self.0.load(Ordering::Relaxed) & NONBLOCKING != 0
    }

    pub(super) fn set_nonblocking(&self, nonblocking: bool) {
        if nonblocking {
            self.0.fetch_or(NONBLOCKING, Ordering::Relaxed);
        } else {
            self.0.fetch_and(!NONBLOCKING, Ordering::Relaxed);
        }
    }

    /// For the next life of the descriptor.
    pub(super) fn reset(&self) {
        self.0.store(0, Ordering::SeqCst);
    }
}

fn expired_bit(dir: Direction) -> u8 {
    match dir {
        Direction::Read => READ_EXPIRED,
        Direction::Write => WRITE_EXPIRED,
    }
}
