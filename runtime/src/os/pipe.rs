//! [`pipe`]: the kernel's pipe.

use crate::net::fd::Fd;
use crate::net::rt::Direction;
use crate::sys;
use std::fmt;
use std::io::{self, IoSlice, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

/// A pipe of the kernel, with its buffer of 64 KiB (Go's `os.Pipe`). What is written to one end is
/// read from the other; dropping the writer lets the reader see the end.
///
/// # Errors
/// The kernel's, `EMFILE` for instance.
///
/// ```
/// use std::io::{Read, Write};
///
/// let (mut r, mut w) = goroutines::os::pipe()?;
/// w.write_all(b"text")?;
/// drop(w);
/// let mut text = String::new();
/// r.read_to_string(&mut text)?;
/// assert_eq!(text, "text");
/// # std::io::Result::Ok(())
/// ```
pub fn pipe() -> io::Result<(PipeReader, PipeWriter)> {
    let (r, w) = io::pipe()?;
    sys::fd::set_nonblocking(&r, true)?;
    sys::fd::set_nonblocking(&w, true)?;
    Ok((
        PipeReader { fd: Fd::new(r)? },
        PipeWriter { fd: Fd::new(w)? },
    ))
}

/// The end of a [`pipe`] that is read from.
///
/// # Suspends
/// `read`, while there is nothing, and `close`.
pub struct PipeReader {
    fd: Fd<io::PipeReader>,
}

/// The end of a [`pipe`] that is written to.
///
/// # Suspends
/// `write`, while there is no room, and `close`.
pub struct PipeWriter {
    fd: Fd<io::PipeWriter>,
}

macro_rules! end {
    ($T:ident, $dir:ident, $set_deadline:ident) => {
        impl $T {
            /// Makes calls fail with `i/o timeout` from `deadline` on, blocked ones too; `None`
            /// clears it.
            ///
            /// # Errors
            /// `use of closed network connection` after [`close`](Self::close).
            pub fn $set_deadline(&self, deadline: impl Into<Option<Instant>>) -> io::Result<()> {
                self.fd.set_deadline(Direction::$dir, deadline.into())
            }

            /// Closes this end; a goroutine blocked in it gets `use of closed network connection`.
            ///
            /// # Errors
            /// `use of closed network connection` if it was closed before.
            pub fn close(&self) -> io::Result<()> {
                self.fd.close()
            }
        }

        impl AsFd for $T {
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.fd.as_fd()
            }
        }

        impl fmt::Debug for $T {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($T)).field(&self.fd).finish()
            }
        }
    };
}

end!(PipeReader, Read, set_read_deadline);
end!(PipeWriter, Write, set_write_deadline);

impl Read for &PipeReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        self.fd.read(|mut pipe| pipe.read(buf))
    }
}

impl Read for PipeReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        (&*self).read(buf)
    }
}

impl Write for &PipeWriter {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.fd
            .write_stream(buf.len(), |mut pipe, done| pipe.write(&buf[done..]))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.fd.write(|mut pipe| pipe.write_vectored(bufs))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Write for PipeWriter {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        (&*self).write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
