//! The errors that `net` makes itself; everything else is the kernel's own [`io::Error`].

use std::fmt;
use std::io;

/// What the network calls of this crate report beyond the kernel's errors: the payload
/// ([`io::Error::get_ref`]) of an [`io::Error`].
///
/// ```
/// use goroutines::net::{self, NetError, TcpListener};
///
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// listener.close()?;
/// let e = listener.accept().unwrap_err();
/// assert_eq!(NetError::of(&e), Some(NetError::Closed));
/// assert_eq!(e.to_string(), "use of closed network connection");
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum NetError {
    /// `use of closed network connection`: the program has called `close` (Go's `net.ErrClosed`).
    Closed,
    /// `i/o timeout`: a deadline has passed (Go's `os.ErrDeadlineExceeded`).
    Timeout,
    /// `operation was canceled`: the context of a dial is done (Go's `errCanceled`).
    Canceled,
}

impl NetError {
    /// The `NetError` inside `error`, if there is one.
    pub fn of(error: &io::Error) -> Option<NetError> {
        error.get_ref()?.downcast_ref::<NetError>().copied()
    }
}

impl fmt::Display for NetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NetError::Closed => "use of closed network connection",
            NetError::Timeout => "i/o timeout",
            NetError::Canceled => "operation was canceled",
        })
    }
}

impl std::error::Error for NetError {}

impl From<NetError> for io::Error {
    #[cold]
    fn from(e: NetError) -> io::Error {
        let kind = match e {
            NetError::Closed => io::ErrorKind::NotConnected,
            NetError::Timeout => io::ErrorKind::TimedOut,
            NetError::Canceled => io::ErrorKind::Other,
        };
        io::Error::new(kind, e)
    }
}
