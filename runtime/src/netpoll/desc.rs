//! [`PollDesc`]: what the poller knows of one file descriptor, and which waiters it has.
//!
//! Each direction has one word (Go's `rg` and `wg`):
//!
//! | word | meaning |
//! | --- | --- |
//! | `NIL` | nothing known, no waiter |
//! | `READY` | an edge has come; the next wait consumes it and returns at once |
//! | `WAIT` | a waiter is about to park, but is still running |
//! | a [`Waiter`] | parked; the thread that swaps it out has the exclusive right to ready it |
//!
//! `NIL -> WAIT` by [`announce`](PollDesc::announce), `WAIT -> Waiter` by the parker's commit
//! ([`commit`](PollDesc::commit)), anything `-> READY` by an event, anything `-> NIL` by
//! [`unblock`](PollDesc::unblock) for a deadline or a close, or by the woken waiter itself.
//!
//! **Descriptors are never freed** (`net` keeps them in a pool): an event fetched just before a
//! close may arrive after it. The registration's token is the address plus a sequence number,
//! raised when the descriptor is taken out of the poller; an event of an older life is dropped. One
//! that slips between the check and the next life only leaves a `READY` that no waiter asked for,
//! and every waiter retries its system call.

use super::{POLLER, WAITERS, open};
use crate::g::Waiter;
use crate::g::waiter::Parked;
use crate::sys::barrier;
use std::io;
use std::os::fd::RawFd;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU16, Ordering};

/// Which half of a descriptor is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Direction {
    /// Reading and accepting.
    Read,
    /// Writing and connecting.
    Write,
}

const NIL: *mut () = ptr::null_mut();
const READY: *mut () = ptr::without_provenance_mut(1);
const WAIT: *mut () = ptr::without_provenance_mut(2);

/// What the poller knows of one descriptor. Lives for ever (see the file's head).
pub(crate) struct PollDesc {
    reader: AtomicPtr<()>,
    writer: AtomicPtr<()>,
    /// An event has shown more than data to read: see [`unusual`](Self::unusual).
    unusual: AtomicBool,
    /// Raised each time the descriptor is taken out of the poller.
    seq: AtomicU16,
}

impl PollDesc {
    /// A descriptor that is not registered.
    pub(crate) const fn new() -> Self {
        Self {
            reader: AtomicPtr::new(NIL),
            writer: AtomicPtr::new(NIL),
            unusual: AtomicBool::new(false),
            seq: AtomicU16::new(0),
        }
    }

    /// Registers `fd` with the poller. It must be in non-blocking mode and stay open until
    /// [`deregister`](Self::deregister).
    ///
    /// # Errors
    /// Whatever opening the poller reports, if this is the first (`EMFILE`); `EPERM` if the file cannot
    /// be polled; see [`Poller::add`](crate::sys::poller::Poller::add).
    pub(crate) fn register(&'static self, fd: RawFd) -> io::Result<()> {
        self.reader.store(NIL, Ordering::Relaxed);
        self.writer.store(NIL, Ordering::Relaxed);
        self.unusual.store(false, Ordering::Relaxed);
        // The registration itself orders these stores before every event for the new token.
        open()?.add(fd, self.token())
    }

    /// Takes `fd` out of the poller. No waiter may be left.
    pub(crate) fn deregister(&'static self, fd: RawFd) {
        debug_assert!(!self.has_waiter(Direction::Read) && !self.has_waiter(Direction::Write));
        // Explicitly, not by closing `fd`: a duplicate would keep the registration alive.
        // An error (the user closed the raw descriptor under us) changes nothing here.
        if let Some(poller) = POLLER.get() {
            let _ = poller.remove(fd);
        }
        // Release: a thread that sees the new number (Acquire in `lookup`) has seen the old life's end.
        self.seq.fetch_add(1, Ordering::Release);
    }

    /// Address and life of this descriptor in one word. User addresses have 47 bits (Linux gives
    /// out higher ones only on request).
    pub(super) fn token(&'static self) -> u64 {
        let addr = ptr::from_ref(self).expose_provenance() as u64;
        debug_assert_eq!(addr >> 48, 0);
        addr | u64::from(self.seq.load(Ordering::Relaxed)) << 48
    }

    /// Has any event shown a hang-up, a half-close, an error or urgent data? Only while none has,
    /// a read that returns less than asked for means that nothing is left.
    #[inline]
    pub(crate) fn unusual(&self) -> bool {
        self.unusual.load(Ordering::SeqCst)
    }

    /// Notes an event that is about to be reported by [`take_waiter`](Self::take_waiter). SeqCst on both
    /// sides, like the words: a reader that consumes an edge sees the marks of all events that
    /// found this edge still there.
    pub(super) fn set_unusual(&self) {
        self.unusual.store(true, Ordering::SeqCst);
    }

    fn word(&self, dir: Direction) -> &AtomicPtr<()> {
        match dir {
            Direction::Read => &self.reader,
            Direction::Write => &self.writer,
        }
    }

    /// Consumes an edge that has come; `true` if there was one. Call it before a system call whose
    /// "would block" is to be waited for. Only the one user of this direction may call it.
    #[inline]
    pub(crate) fn take_edge(&self, dir: Direction) -> bool {
        // The load keeps the usual case free of a write.
        self.has_edge(dir) && consume(self.word(dir))
    }

    /// Has an edge come? It stays there.
    #[inline]
    pub(crate) fn has_edge(&self, dir: Direction) -> bool {
        self.word(dir).load(Ordering::Relaxed) == READY
    }

    /// First half of a wait: says that the caller is about to park. `false`: an edge has come
    /// meanwhile and is consumed; do not park, try the system call again.
    ///
    /// The caller is the only one that waits in this direction. SeqCst: pairs with the closing or
    /// deadline flag that the caller looks at next; see `net::fd`.
    pub(crate) fn announce(&self, dir: Direction) -> bool {
        let word = self.word(dir);
        if word
            .compare_exchange(NIL, WAIT, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
        {
            return true;
        }
        assert!(
            consume(word),
            "two waiters in one direction of a descriptor"
        );
        false
    }

    /// Second half: publishes the waiter. `false`: something has happened since [`announce`](Self::announce); do not
    /// park. After `true` the waiter may already run.
    ///
    /// # Safety
    /// In the commit of a park of `w`, which announced itself, and parks if the answer is `true`.
    pub(crate) unsafe fn commit(&self, dir: Direction, w: Waiter) -> bool {
        WAITERS.fetch_add(1, Ordering::Relaxed);
        // Release: the waiter's stack is complete before a waker readies it.
        let parked = self
            .word(dir)
            .compare_exchange(WAIT, w.into_raw(), Ordering::Release, Ordering::Relaxed)
            .is_ok();
        if !parked {
            WAITERS.fetch_sub(1, Ordering::Relaxed);
        }
        parked
    }

    /// Ends a wait, parked or not: clears the word and says whether an edge has come (otherwise:
    /// a deadline or a close).
    pub(crate) fn finish(&self, dir: Direction) -> bool {
        consume(self.word(dir))
    }

    /// A deadline or close in one direction. Returns the waiter, if one is parked: it is the caller's to wake.
    pub(crate) fn unblock(&self, dir: Direction) -> Option<Parked> {
        let waiter = self.take_waiter(dir, false)?;
        WAITERS.fetch_sub(1, Ordering::Relaxed);
        Some(waiter)
    }

    /// An event (`edge`) or a deadline or close (`!edge`) in one direction. Returns the waiter, if one is parked: it is
    /// the caller's to wake, and to take from the number of those that wait.
    pub(super) fn take_waiter(&self, dir: Direction, edge: bool) -> Option<Parked> {
        let word = self.word(dir);
        let new = if edge { READY } else { NIL };
        let mut old = word.load(Ordering::SeqCst);
        loop {
            if old == READY || (old == NIL && !edge) {
                return None;
            }
            match word.compare_exchange_weak(old, new, Ordering::SeqCst, Ordering::SeqCst) {
                Ok(_) => break,
                Err(now) => old = now,
            }
        }
        if !is_waiter(old) {
            return None;
        }
        // SAFETY: a waiter's word, put there by its commit, and taken out just now.
        Some(unsafe { Parked::new(Waiter::from_raw(old)) })
    }

    fn has_waiter(&self, dir: Direction) -> bool {
        is_waiter(self.word(dir).load(Ordering::Relaxed))
    }
}

/// Clears the word; `true` if an edge had come. The system call that follows does not look before an event can see
/// that its edge is wanted again: else that event would leave the edge to us, and we would have looked too early to
/// see what it was for.
fn consume(word: &AtomicPtr<()>) -> bool {
    let edge = word.swap(NIL, Ordering::SeqCst) == READY;
    barrier::after_swap();
    edge
}

/// The descriptor an event is for, if it still lives the life the event was made for.
pub(super) fn lookup(token: u64) -> Option<&'static PollDesc> {
    let addr = token & ((1 << 48) - 1);
    // SAFETY: tokens are made by `token` only, and descriptors are never freed.
    let pd = unsafe { &*ptr::with_exposed_provenance::<PollDesc>(addr as usize) };
    (pd.seq.load(Ordering::Acquire) == (token >> 48) as u16).then_some(pd)
}

/// Does the word name a waiter? (Which is never the address `READY` or `WAIT`.)
fn is_waiter(word: *mut ()) -> bool {
    !word.is_null() && word != READY && word != WAIT
}
