//! A descriptor on which a goroutine may wait: what Go has in `internal/poll.FD`.
//!
//! [`Fd`] owns one of std's socket or pipe types in non-blocking mode, and borrows a [`Desc`] from a
//! pool: the poller's words, a lock for each direction, the deadlines. Reading goes
//!
//! lock the direction -> look at the flags -> system call -> would block? announce, look at the
//! flags again, park -> an edge, a deadline or a close wakes us -> again.
//!
//! * **One call per direction at a time.** Two goroutines that write at once do not interleave; the
//!   second waits on the direction's lock. (Who is known to be alone goes without: `alone.rs`.)
//! * **`close` while others use it.** The flag goes up, the blocked are woken, the locks are waited
//!   for, and the kernel's object is closed; but the *number* stays taken until the owner drops the
//!   [`Fd`] (see [`sys::fd::kill`](crate::sys::fd)). So a borrowed descriptor never becomes another
//!   file, and no call needs to count its users.
//! * **Hooks run before the lock and after it.** They are the user's code. So a goroutine that has some is away
//!   for the whole call, also if it need not wait.
//! * `Desc`s are never freed: late events and late timers find a valid one.

#[cfg(feature = "http")]
mod alone;
mod deadline;
mod flags;
#[cfg(feature = "http")]
mod tries;

use super::NetError;
use super::rt::{Direction, Mutex, PollDesc, WaitReason, Waiter, before_block, boot, park_owned};
use crate::switch::away;
use crate::sys;
pub(crate) use deadline::Interrupter;
use deadline::{Deadline, on_our_clock};
use flags::Flags;
use std::fmt;
use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What is shared between the users of a descriptor, the poller and the timers.
#[repr(align(64))]
pub(super) struct Desc {
    poll: PollDesc,
    flags: Flags,
    read_lock: Mutex<()>,
    /// The last read took everything that had arrived, so the next one need not try before it waits.
    /// Only [`Fd::read_stream`] and [`Fd::try_read_stream`] set it. Changed under the lock, or by who reads alone; who
    /// looks without it takes what it finds for what was so a moment ago.
    drained: AtomicBool,
    write_lock: Mutex<()>,
    read_deadline: Deadline,
    write_deadline: Deadline,
}

/// Descriptors that are not in use.
static FREE: crate::sys::mutex::Mutex<Vec<&'static Desc>> =
    crate::sys::mutex::Mutex::new(Vec::new());

impl Desc {
    const fn new() -> Self {
        Self {
            poll: PollDesc::new(),
            flags: Flags::new(),
            read_lock: Mutex::new(()),
            drained: AtomicBool::new(false),
            write_lock: Mutex::new(()),
            read_deadline: Deadline::new(Direction::Read),
            write_deadline: Deadline::new(Direction::Write),
        }
    }

    fn take() -> &'static Desc {
        /// How many are made at a time.
        const BLOCK: usize = 32;
        let mut free = FREE.lock();
        if free.is_empty() {
            let block: Vec<Desc> = (0..BLOCK).map(|_| Desc::new()).collect();
            free.extend(block.leak().iter());
        }
        free.pop().expect("a block has just been added")
    }

    /// It is not in use any more, and it is not registered.
    fn recycle(&'static self) {
        self.drop_deadline(Direction::Read);
        self.drop_deadline(Direction::Write);
        self.flags.reset();
        self.set_drained(false);
        FREE.lock().push(self);
    }

    /// Relaxed: the lock orders it for who has that, and the caller for who is alone.
    #[inline]
    fn is_drained(&self) -> bool {
        self.drained.load(Ordering::Relaxed)
    }

    #[inline]
    fn set_drained(&self, drained: bool) {
        self.drained.store(drained, Ordering::Relaxed);
    }

    fn deadline(&self, dir: Direction) -> &Deadline {
        match dir {
            Direction::Read => &self.read_deadline,
            Direction::Write => &self.write_deadline,
        }
    }

    /// At the beginning of every call, with the direction's lock held, or alone.
    #[inline]
    fn begin(&'static self, dir: Direction) -> Result<(), NetError> {
        match self.flags.check(dir) {
            // The last call's; this one has its own time.
            Err(NetError::Timeout) if self.deadline(dir).timeout() != 0 => {
                self.set_deadline(dir, None);
                self.flags.check(dir)
            }
            result => result,
        }
    }

    /// Waits for an edge; the caller holds the direction's lock, or is alone.
    #[inline(never)]
    fn wait(&'static self, dir: Direction) -> io::Result<()> {
        if self.flags.nonblocking() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        before_block();
        let timeout = self.deadline(dir).timeout();
        if timeout != 0 {
            self.set_limit(dir, timeout);
        }
        while !self.wait_once(dir, || false)? {}
        Ok(())
    }

    /// Waits for an edge, or until it is woken without one, which `false` says; does not begin if
    /// `stop` says so.
    #[inline]
    fn wait_once(&'static self, dir: Direction, stop: impl FnOnce() -> bool) -> io::Result<bool> {
        if !self.poll.announce(dir) {
            return Ok(true);
        }
        if let Err(e) = self.flags.check(dir) {
            // An edge that came in between is gone: who comes next is to ask the kernel. (A reader has the lock.)
            if self.poll.finish(dir) && dir == Direction::Read {
                self.set_drained(false);
            }
            return Err(e.into());
        }
        if stop() {
            return Ok(self.poll.finish(dir));
        }
        let (poll, waiter) = (&self.poll, Waiter::current());
        // SAFETY: we are the waiter, and have announced ourselves.
        park_owned(WaitReason::IoWait, move || unsafe {
            poll.commit(dir, waiter)
        });
        if self.poll.finish(dir) {
            return Ok(true);
        }
        // No edge: closed, nudged, or the deadline has passed. If the deadline was moved again before
        // we could run, it counts as not having passed.
        self.flags.check(dir)?;
        Ok(false)
    }
}

/// An open, registered, non-blocking descriptor; see the file's head.
pub(crate) struct Fd<S: AsRawFd> {
    io: ManuallyDrop<S>,
    desc: &'static Desc,
}

impl<S: AsRawFd> Fd<S> {
    /// Takes over `io`, which must be in non-blocking mode already.
    ///
    /// # Errors
    /// The poller's: `ENOMEM`, `ENOSPC`, `EPERM` for what cannot be polled.
    pub(crate) fn new(io: S) -> io::Result<Self> {
        sys::fd::prepare()?;
        boot();
        let desc = Desc::take();
        if let Err(e) = desc.poll.register(io.as_raw_fd()) {
            desc.recycle();
            return Err(e);
        }
        Ok(Self {
            io: ManuallyDrop::new(io),
            desc,
        })
    }

    fn raw(&self) -> RawFd {
        self.io.as_raw_fd()
    }

    /// For calls that never block.
    ///
    /// # Errors
    /// [`NetError::Closed`].
    pub(crate) fn get(&self) -> io::Result<&S> {
        if self.desc.flags.closed() {
            return Err(NetError::Closed.into());
        }
        Ok(&self.io)
    }

    /// Reads with `call`, which is tried at once and after every edge until it does something else
    /// than "would block".
    ///
    /// # Suspends
    /// While there is nothing to read, or another goroutine reads.
    pub(crate) fn read<R>(&self, call: impl FnMut(&S) -> io::Result<R>) -> io::Result<R> {
        let _away = away();
        let _lock = self.desc.read_lock.lock();
        self.desc.begin(Direction::Read)?;
        self.desc.set_drained(false);
        self.desc.poll.take_edge(Direction::Read);
        self.until_done(Direction::Read, call)
    }

    /// As [`read`](Self::read), for byte streams whose short reads mean that nothing is left: TCP.
    /// `call` reads at most `len` bytes.
    ///
    /// After a short read the next call does not ask the kernel before it parks: whatever arrives
    /// later makes an edge. That holds unless an event has shown a half-close, an error or urgent
    /// data, which may stand between the bytes read and what follows.
    pub(crate) fn read_stream(
        &self,
        len: usize,
        call: impl FnMut(&S) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let _away = away();
        let _lock = self.desc.read_lock.lock();
        self.desc.begin(Direction::Read)?;
        let edge = self.desc.poll.take_edge(Direction::Read);
        if self.desc.is_drained() && !edge {
            self.desc.wait(Direction::Read)?;
        }
        self.desc.set_drained(false);
        let n = self.until_done(Direction::Read, call)?;
        let drained = 0 < n && n < len && !self.desc.poll.unusual();
        self.desc.set_drained(drained);
        Ok(n)
    }

    /// Waits until a read will not block. `peek` asks the kernel whether there is anything.
    pub(crate) fn wait_readable(
        &self,
        peek: impl FnMut(&S) -> io::Result<usize>,
    ) -> io::Result<()> {
        let _away = away();
        let _lock = self.desc.read_lock.lock();
        self.desc.begin(Direction::Read)?;
        let edge = self.desc.poll.take_edge(Direction::Read);
        if self.desc.is_drained() && !edge {
            self.desc.wait(Direction::Read)?;
            self.desc.set_drained(false);
            return Ok(());
        }
        self.desc.set_drained(false);
        self.until_done(Direction::Read, peek).map(drop)
    }

    /// Writes with `call`, as [`read`](Self::read) reads.
    ///
    /// # Suspends
    /// While there is no room, or another goroutine writes.
    pub(crate) fn write<R>(&self, call: impl FnMut(&S) -> io::Result<R>) -> io::Result<R> {
        let _away = away();
        let _lock = self.desc.write_lock.lock();
        self.desc.begin(Direction::Write)?;
        self.until_done(Direction::Write, call)
    }

    /// Writes all `len` bytes under one lock: `call(io, done)` writes some of what follows the first
    /// `done` bytes. An error after the first byte is left to the next call.
    pub(crate) fn write_stream(
        &self,
        len: usize,
        call: impl FnMut(&S, usize) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let _away = away();
        let _lock = self.desc.write_lock.lock();
        self.desc.begin(Direction::Write)?;
        self.write_all_of(len, call)
    }

    /// The caller has the lock, or is alone.
    #[inline]
    fn write_all_of(
        &self,
        len: usize,
        mut call: impl FnMut(&S, usize) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let mut done = 0;
        loop {
            match self.until_done(Direction::Write, |io| call(io, done)) {
                Ok(0) => return Ok(done),
                Ok(n) => done += n,
                Err(_) if done > 0 => return Ok(done),
                Err(e) => return Err(e),
            }
            if done >= len {
                return Ok(done);
            }
        }
    }

    /// Calls until the result is something else than "would block" or "interrupted".
    ///
    /// With a time-out for each call, a write whose time is over is tried once more: the kernel
    /// reports room only when there is much of it, so a peer that reads slowly and steadily makes
    /// some without an edge.
    #[inline]
    fn until_done<R>(
        &self,
        dir: Direction,
        mut call: impl FnMut(&S) -> io::Result<R>,
    ) -> io::Result<R> {
        loop {
            match call(&self.io) {
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                    let Err(ended) = self.desc.wait(dir) else {
                        continue;
                    };
                    if ended.kind() == io::ErrorKind::TimedOut
                        && matches!(dir, Direction::Write)
                        && self.desc.deadline(dir).timeout() != 0
                        && let Ok(done) = call(&self.io)
                    {
                        return Ok(done);
                    }
                    return Err(ended);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }

    /// Waits for the end of a connect that is under way, or for room after a
    /// [`try_write`](Self::try_write).
    pub(crate) fn wait_writable(&self) -> io::Result<()> {
        let _away = away();
        let _lock = self.desc.write_lock.lock();
        self.desc.flags.check(Direction::Write)?;
        self.desc.wait(Direction::Write)
    }

    /// Closes the descriptor under its users: blocked calls end with [`NetError::Closed`], and so do
    /// all later ones.
    ///
    /// # Errors
    /// [`NetError::Closed`] if it was closed before.
    ///
    /// # Suspends
    /// Until the calls that are under way have ended.
    pub(crate) fn close(&self) -> io::Result<()> {
        if !self.desc.flags.set_closed() {
            return Err(NetError::Closed.into());
        }
        self.desc.wake(Direction::Read);
        self.desc.wake(Direction::Write);
        let _read = self.desc.read_lock.lock();
        let _write = self.desc.write_lock.lock();
        self.desc.poll.deregister(self.raw());
        sys::fd::kill(self.raw());
        Ok(())
    }

    /// Makes calls fail with `WouldBlock` where they would wait.
    pub(crate) fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        self.get()?;
        self.desc.flags.set_nonblocking(nonblocking);
        Ok(())
    }

    /// Sets the deadline of one direction; `None` clears it.
    pub(crate) fn set_deadline(&self, dir: Direction, due: Option<Instant>) -> io::Result<()> {
        self.get()?;
        self.desc.deadline(dir).set_timeout(0);
        self.desc.set_deadline(dir, due.map(on_our_clock));
        Ok(())
    }

    /// [`set_deadline`](Self::set_deadline) on the clock of [`nanotime`].
    #[cfg_attr(not(feature = "http"), allow(dead_code))]
    pub(crate) fn set_due(&self, dir: Direction, due: Option<i64>) {
        self.desc.set_deadline(dir, due);
    }

    /// Sets the deadline of one direction to `limit` from now; zero clears it.
    #[cfg_attr(not(feature = "http"), allow(dead_code))]
    pub(crate) fn set_limit(&self, dir: Direction, limit: Duration) {
        if limit.is_zero() {
            self.desc.set_deadline(dir, None);
        } else {
            let ns = i64::try_from(limit.as_nanos()).unwrap_or(i64::MAX);
            self.desc.set_limit(dir, ns);
        }
    }

    /// Lets each call in one direction block for at most `timeout` (std's `set_read_timeout`).
    pub(crate) fn set_timeout(&self, dir: Direction, timeout: Option<Duration>) -> io::Result<()> {
        self.get()?;
        let ns = match timeout {
            Some(Duration::ZERO) => {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "cannot set a 0 duration timeout",
                ));
            }
            Some(d) => d.as_nanos().min(i64::MAX as u128 / 2) as i64,
            None => 0,
        };
        self.desc.deadline(dir).set_timeout(ns);
        self.desc.set_deadline(dir, None);
        Ok(())
    }

    /// What [`set_timeout`](Self::set_timeout) has set.
    pub(crate) fn timeout(&self, dir: Direction) -> io::Result<Option<Duration>> {
        self.get()?;
        let ns = self.desc.deadline(dir).timeout();
        Ok((ns != 0).then(|| Duration::from_nanos(ns as u64)))
    }

    /// A handle that ends writes, blocked and later ones, with `i/o timeout`. It must not be used
    /// when the `Fd` is gone, or it would hit the descriptor's next user.
    pub(crate) fn interrupter(&self) -> Interrupter {
        Interrupter(self.desc)
    }

    /// Takes the std type out, still in non-blocking mode.
    pub(crate) fn into_inner(self) -> S {
        let mut this = ManuallyDrop::new(self);
        this.detach();
        // SAFETY: taken out once; `this` is not dropped.
        unsafe { ManuallyDrop::take(&mut this.io) }
    }

    /// Leaves the poller. By the owner only, so no other goroutine uses the descriptor.
    fn detach(&mut self) {
        if !self.desc.flags.closed() {
            self.desc.poll.deregister(self.raw());
        }
        self.desc.recycle();
    }
}

impl<S: AsRawFd> Drop for Fd<S> {
    fn drop(&mut self) {
        self.detach();
        // SAFETY: dropped once, here.
        unsafe { ManuallyDrop::drop(&mut self.io) };
    }
}

impl<S: AsRawFd> fmt::Debug for Fd<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.raw())
    }
}

impl<S: AsRawFd + AsFd> AsFd for Fd<S> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}
