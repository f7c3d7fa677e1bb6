//! Calls that do not wait, and the waits for what they did not find, which are calls of their own: hyper's, and what
//! drives it.

use super::{Desc, Direction, Fd, away, before_block};
use std::io;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};

impl<S: AsRawFd> Fd<S> {
    /// As [`read_stream`](Self::read_stream), but does not wait: `WouldBlock`.
    pub(crate) fn try_read_stream(
        &self,
        len: usize,
        call: impl FnMut(&S) -> io::Result<usize>,
    ) -> io::Result<usize> {
        // As it was before another goroutine, which may be reading, has begun. An edge that comes now is found by
        // who waits for it.
        let nothing = || self.desc.is_drained() && !self.desc.poll.has_edge(Direction::Read);
        if nothing() && self.desc.flags.check(Direction::Read).is_ok() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let _lock = self.desc.read_lock.lock();
        self.try_read_once(len, call)
    }

    /// The caller has the lock, or is alone.
    #[inline]
    fn try_read_once(
        &self,
        len: usize,
        call: impl FnMut(&S) -> io::Result<usize>,
    ) -> io::Result<usize> {
        self.desc.begin(Direction::Read)?;
        self.try_read_now(len, call)
    }

    /// The same, whatever the deadline.
    #[inline]
    pub(super) fn try_read_now(
        &self,
        len: usize,
        mut call: impl FnMut(&S) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let edge = self.desc.poll.take_edge(Direction::Read);
        if self.desc.is_drained() && !edge {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let result = call(&self.io);
        self.desc.set_drained(match &result {
            Ok(n) => 0 < *n && *n < len && !self.desc.poll.unusual(),
            Err(e) => e.kind() == io::ErrorKind::WouldBlock,
        });
        result
    }

    /// There may be more to read than the poller has said so far: the next [`try_read_stream`](Self::try_read_stream) asks
    /// the kernel.
    pub(crate) fn ask_kernel(&self) {
        let _lock = self.desc.read_lock.lock();
        self.desc.set_drained(false);
    }

    /// Waits for the first edge after a [`try_read_stream`](Self::try_read_stream) that would have
    /// blocked.
    #[cfg(feature = "tls")]
    pub(crate) fn wait_after_try(&self) -> io::Result<()> {
        let _away = away();
        let _lock = self.desc.read_lock.lock();
        self.desc.wait_after_try()
    }

    /// As [`wait_after_try`](Self::wait_after_try), but ends too when [`nudge`](Self::nudge) is called,
    /// and does not begin if `again` is set; the goroutine that nudges sets it first, with SeqCst.
    pub(crate) fn wait_after_try_or(&self, again: &AtomicBool) -> io::Result<()> {
        let _away = away();
        let _lock = self.desc.read_lock.lock();
        self.desc.begin(Direction::Read)?;
        before_block();
        // SeqCst: after `announce`, as the flags of closing and deadlines; either the nudge sees the
        // announcement or this sees what was set before it.
        let stop = || again.load(Ordering::SeqCst);
        if self.desc.wait_once(Direction::Read, stop)? {
            self.desc.set_drained(false);
        }
        Ok(())
    }

    /// Ends a [`wait_after_try_or`](Self::wait_after_try_or) that is under way.
    pub(crate) fn nudge(&self) {
        self.desc.wake(Direction::Read);
    }

    /// Writes what there is room for; `WouldBlock` if there is none, then
    /// [`wait_writable`](Self::wait_writable) waits for some.
    pub(crate) fn try_write<R>(&self, mut call: impl FnMut(&S) -> io::Result<R>) -> io::Result<R> {
        let _lock = self.desc.write_lock.lock();
        self.desc.begin(Direction::Write)?;
        self.desc.poll.take_edge(Direction::Write);
        loop {
            match call(&self.io) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}

impl Desc {
    /// Waits for the first edge after a try that would have blocked. The caller has the lock, or is alone.
    pub(super) fn wait_after_try(&'static self) -> io::Result<()> {
        self.begin(Direction::Read)?;
        self.wait(Direction::Read)?;
        self.set_drained(false);
        Ok(())
    }
}
