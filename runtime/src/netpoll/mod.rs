//! The network poller: one of the system's, edge-triggered, for the whole process (Go's `netpoll.go`).
//!
//! A file descriptor is registered once, for both directions, when it is opened. A goroutine that
//! wants to read or write tries the system call first, and parks on its [`PollDesc`] only when the
//! kernel answers "would block". [`poll`] asks the kernel what has become ready and **returns the
//! list of waiters**: this module is below the scheduler and never readies a goroutine itself.
//!
//! * Called by the scheduler: [`poll`] (from `find_runnable`, sysmon, and as the sleep of the last
//!   idle thread), [`wake`], [`waiters`].
//! * Called by `net`: [`PollDesc`] and its words (`desc.rs`); parking, deadlines and locks of a
//!   descriptor are in `net::fd`.
//!
//! Any number of threads may poll at once; each event goes to one of them.

mod desc;

pub(crate) use desc::{Direction, PollDesc};

use crate::g::waiter::Parked;
use crate::sys::futex;
use crate::sys::poller::{Events, MAX_EVENTS, Poller};
use std::io;
use std::mem::{self, MaybeUninit};
use std::os::fd::RawFd;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicIsize, AtomicU32, Ordering};
use std::time::Duration;

/// How many goroutines and threads are parked on descriptors. It may be too high, by one for each change that is under
/// way and by what a poll has just found.
static WAITERS: AtomicIsize = AtomicIsize::new(0);

/// The waiters that one [`poll`] has found; all of them must be readied by the caller.
///
/// An event wakes at most a reader and a writer, so one poll never overflows it. Lives on the
/// stack of the polling thread (2 KiB), not on a goroutine's.
#[must_use = "the waiters in the batch are lost unless they are readied"]
pub(crate) struct WakeBatch {
    len: usize,
    waiters: [MaybeUninit<Parked>; 2 * MAX_EVENTS],
}

impl WakeBatch {
    /// An empty batch.
    pub(crate) const fn new() -> Self {
        Self {
            len: 0,
            waiters: [const { MaybeUninit::uninit() }; 2 * MAX_EVENTS],
        }
    }

    fn push(&mut self, w: Parked) {
        self.waiters[self.len].write(w);
        self.len += 1;
    }

    /// Takes what is to be woken, in the order of the events.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = Parked> + '_ {
        let written = &self.waiters[..mem::take(&mut self.len)];
        // SAFETY: `push` has written these, and each is read once, as the batch counts as empty.
        written.iter().map(|w| unsafe { w.assume_init_read() })
    }
}

/// The poller, opened when the first descriptor is registered. If that fails (`EMFILE`) the caller
/// that registers gets the error, and the next one tries again.
static POLLER: OnceLock<Poller> = OnceLock::new();

/// Where [`poll`] waits as long as there is no poller, for timers: 1 = woken.
static NOTE: AtomicU32 = AtomicU32::new(0);

fn open() -> io::Result<&'static Poller> {
    if let Some(poller) = POLLER.get() {
        return Ok(poller);
    }
    // Of two threads that are here at once, one closes what it has opened.
    let new = Poller::new()?;
    let poller = POLLER.get_or_init(|| new);
    // An M that waits at the note waits in the poller from now on; and one that has just gone there
    // must not miss a `wake` that has found no poller yet.
    poller.wake();
    wake_note();
    Ok(poller)
}

fn wake_note() {
    // AcqRel, as in `Poller::wake`: the poll that it breaks sees what was written before.
    if NOTE.swap(1, Ordering::AcqRel) == 0 {
        futex::wake(&raw const NOTE);
    }
}

/// Waits as [`poll`] does, with nothing but a [`wake`] to wait for.
fn wait_at_note(timeout_ns: i64) {
    if timeout_ns == 0 {
        return;
    }
    if NOTE.swap(0, Ordering::AcqRel) == 0 {
        let timeout = u64::try_from(timeout_ns).ok().map(Duration::from_nanos);
        futex::wait(&NOTE, 0, timeout);
        NOTE.swap(0, Ordering::AcqRel);
    }
}

/// Looks for what has become ready and puts the waiters into `out`, which is emptied first.
///
/// `timeout_ns` < 0 waits until there is something or until [`wake`]; 0 does not wait; otherwise
/// it waits at most that long. May return early with nothing (a signal, a `wake` that was meant for
/// another poll): the caller looks at the clock and its queues and comes again.
///
/// # Errors
/// The poller's descriptor does not work any more; the error names its number.
pub(crate) fn poll(timeout_ns: i64, out: &mut WakeBatch) -> Result<(), (RawFd, io::Error)> {
    out.len = 0;
    let Some(poller) = POLLER.get() else {
        wait_at_note(timeout_ns);
        return Ok(());
    };
    let mut events = Events::new();
    poller
        .wait(&mut events, timeout_ns)
        .map_err(|e| (poller.fd(), e))?;
    for event in events.iter() {
        let Some(pd) = desc::lookup(event.token) else {
            continue;
        };
        if event.unusual {
            pd.set_unusual();
        }
        if event.readable
            && let Some(w) = pd.take_waiter(Direction::Read, true)
        {
            out.push(w);
        }
        if event.writable
            && let Some(w) = pd.take_waiter(Direction::Write, true)
        {
            out.push(w);
        }
    }
    if out.len != 0 {
        // Once for all of them: every thread that parks writes it too.
        WAITERS.fetch_sub(out.len as isize, Ordering::Relaxed);
    }
    Ok(())
}

/// Breaks a [`poll`] that blocks, or the next one that would. Everything written before this call
/// is seen by the thread whose poll it breaks.
pub(crate) fn wake() {
    if POLLER.get().is_none() {
        wake_note();
    }
    // Again: it may have been opened meanwhile, and the poll be in there.
    if let Some(poller) = POLLER.get() {
        poller.wake();
    }
}

/// How many goroutines and threads are parked on descriptors: while it is 0 there is no use in a
/// [`poll`] that does not wait.
pub(crate) fn waiters() -> usize {
    WAITERS.load(Ordering::Relaxed).max(0) as usize
}

/// Closes the poller's descriptor, as a program might that closes what is not its own.
#[cfg(test)]
pub(crate) fn close_for_test() {
    use std::os::fd::{FromRawFd, OwnedFd};
    let fd = open().expect("opened before").fd();
    // SAFETY: what a test does on purpose, in a process of its own.
    drop(unsafe { OwnedFd::from_raw_fd(fd) });
}

#[cfg(test)]
mod tests;
