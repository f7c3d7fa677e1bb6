//! [`pipe`]: a connection inside the process.

use super::NetError;
use super::rt::Mutex;
use crate::io::half::{End, Half, Why, closed_pipe};
use crate::time::{self, Timer};
use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Two ends of a connection in memory (Go's `net.Pipe`): what is written to one is read from the
/// other. There is no buffer: a write returns when all of it was read.
///
/// Handy where a test wants a connection without a network; deadlines and `close` work as they do
/// on a socket.
///
/// ```
/// use goroutines::net;
/// use std::io::{Read, Write};
///
/// let (mut a, mut b) = net::pipe();
/// goroutines::go!(move || a.write_all(b"ping"));
/// let mut buf = [0; 8];
/// assert_eq!(b.read(&mut buf)?, 4);
/// assert_eq!(b.read(&mut buf)?, 0, "dropped: the end");
/// # std::io::Result::Ok(())
/// ```
pub fn pipe() -> (PipeStream, PipeStream) {
    let (there, back) = (Arc::new(Half::new()), Arc::new(Half::new()));
    (
        PipeStream::new(back.clone(), there.clone()),
        PipeStream::new(there, back),
    )
}

/// One end of a [`pipe`]. Dropping it closes it.
///
/// # Suspends
/// `read` while no goroutine writes, `write` until all is read.
pub struct PipeStream {
    read: Side,
    write: Side,
}

/// One direction of an end, with its deadline.
struct Side {
    half: Arc<Half<()>>,
    end: End,
    /// Which deadline counts; a timer that belongs to an older one does nothing.
    current: Arc<AtomicU64>,
    timer: Mutex<Option<Timer>>,
}

impl Side {
    fn new(half: Arc<Half<()>>, end: End) -> Self {
        Self {
            half,
            end,
            current: Arc::default(),
            timer: Mutex::new(None),
        }
    }

    fn set_deadline(&self, deadline: Option<Instant>) -> io::Result<()> {
        if self.half.is_closed(self.end) {
            return Err(NetError::Closed.into());
        }
        let mut timer = self.timer.lock();
        if let Some(old) = timer.take() {
            old.stop();
        }
        let own = self.current.fetch_add(1, Ordering::SeqCst) + 1;
        let now = time::now();
        let past = deadline.is_some_and(|d| d <= now);
        self.half.set_expired(self.end, past, || true);
        if let Some(deadline) = deadline.filter(|_| !past) {
            let (half, end, current) = (self.half.clone(), self.end, self.current.clone());
            *timer = Some(time::after_func(deadline - now, move || {
                half.set_expired(end, true, || current.load(Ordering::SeqCst) == own);
            }));
        }
        Ok(())
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        self.half.close(self.end, ());
        if let Some(timer) = self.timer.get_mut() {
            timer.stop();
        }
    }
}

impl PipeStream {
    fn new(read: Arc<Half<()>>, write: Arc<Half<()>>) -> Self {
        Self {
            read: Side::new(read, End::Reader),
            write: Side::new(write, End::Writer),
        }
    }

    /// Makes reads and writes fail with `i/o timeout` from `deadline` on, blocked ones too; `None`
    /// clears it.
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn set_deadline(&self, deadline: impl Into<Option<Instant>>) -> io::Result<()> {
        let deadline = deadline.into();
        self.set_read_deadline(deadline)?;
        self.set_write_deadline(deadline)
    }

    /// [`set_deadline`](Self::set_deadline) for reads only.
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn set_read_deadline(&self, deadline: impl Into<Option<Instant>>) -> io::Result<()> {
        self.read.set_deadline(deadline.into())
    }

    /// [`set_deadline`](Self::set_deadline) for writes only.
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn set_write_deadline(&self, deadline: impl Into<Option<Instant>>) -> io::Result<()> {
        self.write.set_deadline(deadline.into())
    }

    /// Closes this end: its calls fail with `use of closed network connection`, blocked ones too;
    /// the other end reads the end of the stream and cannot write any more.
    ///
    /// # Errors
    /// `use of closed network connection` if it was closed before.
    pub fn close(&self) -> io::Result<()> {
        if self.read.half.is_closed(End::Reader) {
            return Err(NetError::Closed.into());
        }
        self.read.half.close(End::Reader, ());
        self.write.half.close(End::Writer, ());
        Ok(())
    }
}

fn error(why: Why<()>) -> io::Error {
    match why {
        Why::Closed => NetError::Closed.into(),
        Why::Expired => NetError::Timeout.into(),
        Why::Peer(()) => closed_pipe(),
    }
}

impl Read for &PipeStream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        match self.read.half.read(buf) {
            Err(Why::Peer(())) => Ok(0),
            result => result.map_err(error),
        }
    }
}

impl Write for &PipeStream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self.write.half.write(buf) {
            // The reason stays, so the next call tells it.
            (n, Ok(())) | (n @ 1.., Err(_)) => Ok(n),
            (_, Err(why)) => Err(error(why)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

super::read_write_by_ref!(PipeStream);

impl fmt::Debug for PipeStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PipeStream")
            .field("closed", &self.read.half.is_closed(End::Reader))
            .finish()
    }
}
