//! One kqueue, and the event of our own that breaks a wait on it.

use super::{Event, MAX_EVENTS};
use crate::sys::kqueue::{self, Change};
use crate::sys::{clock, inject};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The buffer of one [`Poller::wait`]; lives on the caller's stack.
pub(crate) struct Events {
    buf: [MaybeUninit<libc::kevent>; MAX_EVENTS],
    len: usize,
}

impl Events {
    /// An empty buffer.
    pub(crate) const fn new() -> Self {
        Self {
            buf: [const { MaybeUninit::uninit() }; MAX_EVENTS],
            len: 0,
        }
    }

    /// The events of the last wait, without the wake-up.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Event> + '_ {
        self.raw()
            .filter(|raw| raw.filter != libc::EVFILT_USER)
            .map(|raw| {
                let end = raw.flags & (libc::EV_EOF | libc::EV_ERROR) != 0;
                Event {
                    token: raw.udata.addr() as u64,
                    readable: raw.filter == libc::EVFILT_READ,
                    // On some systems a pipe without a reader says so on the reading side; at worst a
                    // writer then tries in vain.
                    writable: raw.filter == libc::EVFILT_WRITE || end,
                    unusual: end,
                }
            })
    }

    fn raw(&self) -> impl Iterator<Item = libc::kevent> + '_ {
        // SAFETY: the kernel has written the first `len` slots (see `Poller::wait`).
        let read = |slot: &MaybeUninit<libc::kevent>| unsafe { slot.assume_init_read() };
        self.buf[..self.len].iter().map(read)
    }

    fn has_wake(&self) -> bool {
        self.raw().any(|raw| raw.filter == libc::EVFILT_USER)
    }
}

/// A kqueue with its wake-up.
pub(crate) struct Poller {
    kq: OwnedFd,
    /// 1 while a wake-up is under way that no blocking wait has seen: further wake-ups need no system call.
    wake_pending: AtomicU32,
}

/// Our own event. Taking it resets it.
const WAKE: Change = Change {
    ident: 0,
    filter: libc::EVFILT_USER,
    flags: libc::EV_ADD | libc::EV_CLEAR,
    fflags: 0,
    token: 0,
};

impl Poller {
    /// Opens the descriptor.
    ///
    /// # Errors
    /// `EMFILE`, `ENFILE`, `ENOMEM`.
    pub(crate) fn new() -> io::Result<Self> {
        inject::fault("epoll_create")?;
        let kq = kqueue::open()?;
        kqueue::change(kq.as_raw_fd(), WAKE)?;
        Ok(Self {
            kq,
            wake_pending: AtomicU32::new(0),
        })
    }

    /// Registers `fd` for both directions, edge-triggered, once for its whole life.
    ///
    /// # Errors
    /// `EPERM` if the file cannot be polled (some devices), `ENOMEM`.
    pub(crate) fn add(&self, fd: RawFd, token: u64) -> io::Result<()> {
        inject::fault("epoll_ctl")?;
        let flags = libc::EV_ADD | libc::EV_CLEAR;
        match self.ask(fd, libc::EVFILT_READ, flags, token) {
            Err(e) if is_not_for(&e) => return Err(io::Error::from_raw_os_error(libc::EPERM)),
            result => result?,
        }
        match self.ask(fd, libc::EVFILT_WRITE, flags, token) {
            // What is never written to: a kqueue, a device that only gives.
            Err(e) if is_not_for(&e) => Ok(()),
            result => result,
        }
    }

    /// Takes `fd` out. Events already on their way to a waiting thread may still come.
    pub(crate) fn remove(&self, fd: RawFd) -> io::Result<()> {
        let write = self.ask(fd, libc::EVFILT_WRITE, libc::EV_DELETE, 0);
        self.ask(fd, libc::EVFILT_READ, libc::EV_DELETE, 0)?;
        match write {
            Err(e) if e.raw_os_error() == Some(libc::ENOENT) => Ok(()),
            result => result,
        }
    }

    fn ask(&self, fd: RawFd, filter: i16, flags: u16, token: u64) -> io::Result<()> {
        let asked = Change {
            ident: fd as usize,
            filter,
            flags,
            fflags: 0,
            token,
        };
        kqueue::change(self.kq.as_raw_fd(), asked)
    }

    /// Breaks a [`wait`](Self::wait) that blocks, or the next one that would.
    pub(crate) fn wake(&self) {
        // A read-modify-write also when a wake-up is pending: the waiter's swap in `wait` then
        // reads it and so sees everything written before this call (Release with its Acquire).
        if self.wake_pending.swap(1, Ordering::AcqRel) == 0 {
            self.trigger();
        }
    }

    fn trigger(&self) {
        let now = Change {
            flags: 0,
            fflags: libc::NOTE_TRIGGER,
            ..WAKE
        };
        // It fails if the program has closed our descriptor; then the next wait says so.
        let _ = kqueue::change(self.kq.as_raw_fd(), now);
    }

    /// Fills `events`. `timeout_ns` < 0 waits without limit, 0 does not wait.
    ///
    /// Returns with no events when the time is over, when woken, or on a signal.
    ///
    /// # Errors
    /// Our own descriptor is not what it was: the program has closed it.
    pub(crate) fn wait(&self, events: &mut Events, timeout_ns: i64) -> io::Result<()> {
        events.len = 0;
        let buf: *mut libc::kevent = events.buf.as_mut_ptr().cast();
        let ts = clock::timespec(Duration::from_nanos(timeout_ns.max(0) as u64));
        let ts_ptr = if timeout_ns < 0 {
            std::ptr::null()
        } else {
            &raw const ts
        };
        let kq = self.kq.as_raw_fd();
        // SAFETY: no changes; the buffer has room for MAX_EVENTS events and is borrowed for the call; `ts`
        // is a local.
        let n = unsafe { libc::kevent(kq, std::ptr::null(), 0, buf, MAX_EVENTS as _, ts_ptr) };
        if n < 0 {
            let err = io::Error::last_os_error();
            return match err.kind() {
                io::ErrorKind::Interrupted => Ok(()),
                _ => Err(err),
            };
        }
        events.len = n as usize;
        if events.has_wake() {
            if timeout_ns == 0 {
                // It is for a wait that blocks: happen again.
                self.trigger();
            } else {
                // The event is reset by now, so a wake-up that comes after this happens anew.
                self.wake_pending.swap(0, Ordering::AcqRel);
            }
        }
        Ok(())
    }

    /// The number of its descriptor, for reports.
    pub(crate) fn fd(&self) -> RawFd {
        self.kq.as_raw_fd()
    }
}

/// Is there no such event for this kind of file?
fn is_not_for(e: &io::Error) -> bool {
    matches!(
        e.raw_os_error(),
        Some(libc::EINVAL | libc::ENODEV | libc::EPERM | libc::EOPNOTSUPP)
    )
}
