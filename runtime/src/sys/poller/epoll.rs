//! One epoll instance and the eventfd that breaks a wait on it.

use super::{Event, MAX_EVENTS};
use crate::sys::{clock, inject};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The token of the eventfd; no other registration may use it.
const WAKE_TOKEN: u64 = u64::MAX;

/// The buffer of one [`Poller::wait`]; lives on the caller's stack.
pub(crate) struct Events {
    buf: [MaybeUninit<libc::epoll_event>; MAX_EVENTS],
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
        const READ: u32 = (libc::EPOLLIN | libc::EPOLLRDHUP) as u32;
        const WRITE: u32 = libc::EPOLLOUT as u32;
        const BOTH: u32 = (libc::EPOLLHUP | libc::EPOLLERR) as u32;
        const UNUSUAL: u32 = BOTH | (libc::EPOLLRDHUP | libc::EPOLLPRI) as u32;
        self.raw().map(|(token, bits)| Event {
            token,
            readable: bits & (READ | BOTH) != 0,
            writable: bits & (WRITE | BOTH) != 0,
            unusual: bits & UNUSUAL != 0,
        })
    }

    /// Token and event bits of all events but the wake-up's.
    fn raw(&self) -> impl Iterator<Item = (u64, u32)> + '_ {
        self.buf[..self.len].iter().filter_map(|slot| {
            // SAFETY: the kernel has written the first `len` slots (see `Poller::wait`).
            let event = unsafe { slot.assume_init() };
            let token = event.u64;
            (token != WAKE_TOKEN).then_some((token, event.events))
        })
    }

    fn has_wake(&self) -> bool {
        self.raw().count() != self.len
    }
}

/// An epoll instance with its wake-up.
pub(crate) struct Poller {
    epfd: OwnedFd,
    eventfd: OwnedFd,
    /// 1 while the eventfd holds a wake-up that no blocking wait has seen: further wake-ups need no
    /// system call.
    wake_pending: AtomicU32,
}

impl Poller {
    /// Opens both descriptors.
    ///
    /// # Errors
    /// Whatever `epoll_create1` or `eventfd` report (`EMFILE`, `ENOMEM`).
    pub(crate) fn new() -> io::Result<Self> {
        inject::fault("epoll_create")?;
        // SAFETY: a new descriptor that has no other owner, or -1.
        let epfd = unsafe { owned(libc::epoll_create1(libc::EPOLL_CLOEXEC))? };
        inject::fault("eventfd")?;
        // SAFETY: as above.
        let eventfd = unsafe { owned(libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK))? };
        let epoll = Self {
            epfd,
            eventfd,
            wake_pending: AtomicU32::new(0),
        };
        // Level-triggered: a poll that does not block leaves it for the one that does.
        epoll.ctl(
            libc::EPOLL_CTL_ADD,
            epoll.eventfd.as_raw_fd(),
            libc::EPOLLIN,
            WAKE_TOKEN,
        )?;
        Ok(epoll)
    }

    /// Registers `fd` for both directions, edge-triggered, once for its whole life.
    ///
    /// # Errors
    /// `EPERM` if the file cannot be polled (a regular file), `ENOMEM`, `ENOSPC`.
    pub(crate) fn add(&self, fd: RawFd, token: u64) -> io::Result<()> {
        debug_assert_ne!(token, WAKE_TOKEN);
        let interest =
            libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP | libc::EPOLLPRI | libc::EPOLLET;
        self.ctl(libc::EPOLL_CTL_ADD, fd, interest, token)
    }

    /// Takes `fd` out. Events already on their way to a waiting thread may still come.
    pub(crate) fn remove(&self, fd: RawFd) -> io::Result<()> {
        self.ctl(libc::EPOLL_CTL_DEL, fd, 0, 0)
    }

    fn ctl(&self, op: libc::c_int, fd: RawFd, interest: libc::c_int, token: u64) -> io::Result<()> {
        inject::fault("epoll_ctl")?;
        let mut event = libc::epoll_event {
            events: interest as u32,
            u64: token,
        };
        // SAFETY: `event` is a local; a bad descriptor gives EBADF.
        let rc = unsafe { libc::epoll_ctl(self.epfd.as_raw_fd(), op, fd, &raw mut event) };
        if rc < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }

    /// Breaks a [`wait`](Self::wait) that blocks, or the next one that would.
    pub(crate) fn wake(&self) {
        // A read-modify-write also when a wake-up is pending: the waiter's swap in `wait` then
        // reads it and so sees everything written before this call (Release with its Acquire).
        if self.wake_pending.swap(1, Ordering::AcqRel) == 0 {
            let one = 1u64;
            // SAFETY: writes the 8 bytes of a local. It cannot block: the counter is at most 1.
            unsafe { libc::write(self.eventfd.as_raw_fd(), (&raw const one).cast(), 8) };
        }
    }

    /// Fills `events`. `timeout_ns` < 0 waits without limit, 0 does not wait.
    ///
    /// Returns with no events when the time is over, when woken, or on a signal.
    ///
    /// # Errors
    /// Our own descriptor is not what it was: the program has closed it.
    pub(crate) fn wait(&self, events: &mut Events, timeout_ns: i64) -> io::Result<()> {
        events.len = 0;
        let epfd = self.epfd.as_raw_fd();
        let buf: *mut libc::epoll_event = events.buf.as_mut_ptr().cast();
        // SAFETY: the buffer has room for MAX_EVENTS events and is borrowed for the call.
        let wait = |ns| unsafe { pwait(epfd, buf, ns) };
        // The kernel may be late by 0.1 % of a timeout (0.5 % for a niced process). So most of a
        // long one is slept first, and then the short rest.
        let n = if timeout_ns > 1_000_000 {
            let begin = Instant::now();
            match wait(timeout_ns - timeout_ns / 128) {
                0 => wait((timeout_ns - begin.elapsed().as_nanos() as i64).max(0)),
                n => n,
            }
        } else {
            wait(timeout_ns)
        };
        if n < 0 {
            let err = io::Error::last_os_error();
            return match err.kind() {
                io::ErrorKind::Interrupted => Ok(()),
                _ => Err(err),
            };
        }
        events.len = n as usize;
        if timeout_ns != 0 && events.has_wake() {
            let mut count = 0u64;
            // SAFETY: reads 8 bytes into a local; the descriptor does not block.
            unsafe { libc::read(self.eventfd.as_raw_fd(), (&raw mut count).cast(), 8) };
            // Only after the read, or a wake-up between the two would be lost for good.
            self.wake_pending.swap(0, Ordering::AcqRel);
        }
        Ok(())
    }

    /// The number of its descriptor, for reports.
    pub(crate) fn fd(&self) -> RawFd {
        self.epfd.as_raw_fd()
    }
}

/// `epoll_pwait2` (nanoseconds); where the kernel (before 5.11) or a sandbox does not have it, a timeout is
/// waited for in `ppoll`.
///
/// # Safety
/// `buf` has room for [`MAX_EVENTS`] events.
unsafe fn pwait(epfd: RawFd, buf: *mut libc::epoll_event, timeout_ns: i64) -> i64 {
    static NO_PWAIT2: AtomicBool = AtomicBool::new(false);
    let max = MAX_EVENTS as libc::c_int;
    let ts = clock::timespec(Duration::from_nanos(timeout_ns.max(0) as u64));
    let ts_ptr = if timeout_ns < 0 {
        std::ptr::null()
    } else {
        &raw const ts
    };
    let no_mask = std::ptr::null::<libc::sigset_t>();
    // Relaxed: a thread that does not see it asks for itself.
    if !NO_PWAIT2.load(Ordering::Relaxed) {
        // SAFETY: `buf` by the caller; `ts` is a local; no signal mask.
        let n = unsafe {
            libc::syscall(
                libc::SYS_epoll_pwait2,
                epfd,
                buf,
                max,
                ts_ptr,
                no_mask,
                0usize,
            )
        };
        // Sandboxes answer EPERM for calls they do not know; the call itself never does.
        let unknown = n < 0
            && matches!(
                io::Error::last_os_error().raw_os_error(),
                Some(libc::ENOSYS | libc::EPERM)
            );
        if !unknown {
            return n;
        }
        NO_PWAIT2.store(true, Ordering::Relaxed);
    }
    if timeout_ns > 0 {
        let mut asked = libc::pollfd {
            fd: epfd,
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: one entry, which is ours; `ts` is a local; no signal mask.
        let n = unsafe { libc::ppoll(&raw mut asked, 1, ts_ptr, no_mask) };
        if n <= 0 {
            return n.into();
        }
    }
    let forever = if timeout_ns < 0 { -1 } else { 0 };
    // SAFETY: `buf` by the caller.
    i64::from(unsafe { libc::epoll_wait(epfd, buf, max, forever) })
}

/// Takes ownership of a descriptor that a system call has just returned.
///
/// # Safety
/// `fd` is -1 or a new descriptor without another owner.
unsafe fn owned(fd: RawFd) -> io::Result<OwnedFd> {
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: by the caller.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}
