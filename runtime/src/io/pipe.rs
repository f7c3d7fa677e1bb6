//! [`pipe`]: a stream between two goroutines.

use super::half::{End, Half, Why, closed_pipe};
use std::error::Error;
use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

type Reason = Option<Shared>;

/// The error that one end has left to the other.
#[derive(Clone)]
struct Shared(Arc<dyn Error + Send + Sync>);

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Error for Shared {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

impl From<Shared> for io::Error {
    fn from(e: Shared) -> Self {
        let kind = e.0.downcast_ref::<io::Error>().map(io::Error::kind);
        io::Error::new(kind.unwrap_or(io::ErrorKind::Other), e)
    }
}

/// A pipe in memory (Go's `io.Pipe`): what is written to one end is read from the other, without a
/// buffer between. A write returns when all of it was read; one read takes no more than one write
/// has left.
///
/// It connects code that wants to read with code that wants to write, each in its goroutine.
///
/// ```
/// use std::io::{Read, Write};
///
/// let (mut r, mut w) = goroutines::io::pipe();
/// goroutines::go!(move || {
///     w.write_all(b"some text").unwrap();
/// }); // dropped: the reader sees the end
/// let mut text = String::new();
/// r.read_to_string(&mut text)?;
/// assert_eq!(text, "some text");
/// # std::io::Result::Ok(())
/// ```
pub fn pipe() -> (PipeReader, PipeWriter) {
    let half = Arc::new(Half::new());
    (PipeReader(half.clone()), PipeWriter(half))
}

/// The end of a [`pipe`] that is read from. Dropping it closes it.
///
/// # Suspends
/// `read`, while no goroutine writes.
pub struct PipeReader(Arc<Half<Reason>>);

/// The end of a [`pipe`] that is written to. Dropping it closes it.
///
/// # Suspends
/// `write`, until all is read.
pub struct PipeWriter(Arc<Half<Reason>>);

macro_rules! end {
    ($T:ident, $end:expr, $doc:literal) => {
        impl $T {
            #[doc = $doc]
            pub fn close(&self) {
                self.0.close($end, None);
            }

            /// As [`close`](Self::close), and leaves `error` to the other end; the first close
            /// counts (Go's `CloseWithError`).
            pub fn close_with_error(&self, error: impl Into<Box<dyn Error + Send + Sync>>) {
                self.0.close($end, Some(Shared(Arc::from(error.into()))));
            }
        }

        impl Drop for $T {
            fn drop(&mut self) {
                self.close();
            }
        }

        impl fmt::Debug for $T {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($T))
                    .field("closed", &self.0.is_closed($end))
                    .finish()
            }
        }
    };
}

end!(
    PipeReader,
    End::Reader,
    "Closes the end: writes, a blocked one too, fail with `io: read/write on closed pipe`."
);
end!(
    PipeWriter,
    End::Writer,
    "Closes the end: reads, a blocked one too, return the end of the stream."
);

impl Read for &PipeReader {
    /// # Errors
    /// What the writer has left in [`close_with_error`](PipeWriter::close_with_error);
    /// `io: read/write on closed pipe` after this end was closed.
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        match self.0.read(buf) {
            Ok(n) => Ok(n),
            Err(Why::Peer(None)) => Ok(0),
            Err(Why::Peer(Some(e))) => Err(e.into()),
            Err(Why::Closed | Why::Expired) => Err(closed_pipe()),
        }
    }
}

impl Write for &PipeWriter {
    /// # Errors
    /// What the reader has left in [`close_with_error`](PipeReader::close_with_error), else
    /// `io: read/write on closed pipe`.
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self.0.write(buf) {
            (n, Ok(())) => Ok(n),
            // The error stays, so the next call tells it.
            (n, Err(_)) if n > 0 => Ok(n),
            (_, Err(Why::Peer(Some(e)))) => Err(e.into()),
            (_, Err(_)) => Err(closed_pipe()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for PipeReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        (&*self).read(buf)
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
