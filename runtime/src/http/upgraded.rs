//! [`Upgraded`]: a connection that a handler has taken over.

use super::Response;
use super::wire::Wire;
use crate::sync::Mutex;
use hyper::body::Bytes;
use hyper::http::StatusCode;
use std::fmt;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// A connection that does not speak HTTP any more: bytes both ways. One goroutine may read while another writes.
///
/// # Suspends
/// `read` and `write`.
pub struct Upgraded {
    wire: Arc<Wire>,
    /// What had been read before.
    before: Mutex<Bytes>,
}

/// The function that gets the connection when the answer has been sent.
pub(super) struct Takeover {
    run: Box<dyn FnOnce(Upgraded) + Send>,
    /// Nothing is to be answered.
    pub(super) silent: bool,
}

impl Takeover {
    pub(super) fn run(self, wire: &Arc<Wire>, before: Bytes) {
        let stream = &wire.stream;
        if stream.set_write_timeout(None).is_err() {
            return;
        }
        stream.set_read_due(None);
        (self.run)(Upgraded {
            wire: wire.clone(),
            before: Mutex::new(before),
        });
    }
}

impl fmt::Debug for Takeover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Takeover")
    }
}

impl Response {
    /// 101: from here on the connection speaks `protocol`, and `f` has it, in the goroutine of the
    /// connection; when `f` returns it is closed. The server's end does not wait for it. As the answer to
    /// a request by HTTP/1.0, or one whose body was not read, it is 400.
    ///
    /// ```
    /// use goroutines::http::{Request, Response};
    /// use std::io::{BufRead, BufReader, Write};
    ///
    /// /// Sends each line back.
    /// fn echo(req: &Request) -> Response {
    ///     Response::upgrade("echo", |conn| {
    ///         for line in BufReader::new(&conn).lines().map_while(Result::ok) {
    ///             if writeln!(&conn, "{line}").is_err() {
    ///                 return;
    ///             }
    ///         }
    ///     })
    /// }
    /// # assert_eq!(echo(&Request::new("GET", "/")).status(), 101);
    /// ```
    pub fn upgrade(protocol: &str, f: impl FnOnce(Upgraded) + Send + 'static) -> Response {
        Response::default()
            .with_status(StatusCode::SWITCHING_PROTOCOLS)
            .with_header("connection", "upgrade")
            .with_header("upgrade", protocol)
            .taken_over(Takeover {
                run: Box::new(f),
                silent: false,
            })
    }

    /// Answers nothing: `f` gets the connection as it is, and says what is to be said (Go's `Hijacker`).
    /// Else as [`upgrade`](Self::upgrade).
    pub fn hijack(f: impl FnOnce(Upgraded) + Send + 'static) -> Response {
        Response::default()
            .with_status(StatusCode::SWITCHING_PROTOCOLS)
            .taken_over(Takeover {
                run: Box::new(f),
                silent: true,
            })
    }
}

impl Upgraded {
    /// The address of the other end.
    pub fn peer_addr(&self) -> SocketAddr {
        self.wire.peer
    }

    /// Makes reads fail with `i/o timeout` from `deadline` on, blocked ones too; `None` clears it.
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn set_read_deadline(&self, deadline: impl Into<Option<Instant>>) -> io::Result<()> {
        self.wire.stream.set_read_deadline(deadline.into())
    }

    /// [`set_read_deadline`](Self::set_read_deadline) for writes.
    ///
    /// # Errors
    /// The same.
    pub fn set_write_deadline(&self, deadline: impl Into<Option<Instant>>) -> io::Result<()> {
        self.wire.stream.set_write_deadline(deadline.into())
    }

    /// Closes it for all its users.
    ///
    /// # Errors
    /// `use of closed network connection` if it was closed before.
    pub fn close(&self) -> io::Result<()> {
        self.wire.stream.close()
    }
}

impl Read for &Upgraded {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        {
            let mut before = self.before.lock();
            if !before.is_empty() {
                let n = before.len().min(buf.len());
                buf[..n].copy_from_slice(&before.split_to(n));
                return Ok(n);
            }
        }
        (&mut &self.wire.stream).read(buf)
    }
}

impl Write for &Upgraded {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        (&mut &self.wire.stream).write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Upgraded {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        (&mut &*self).read(buf)
    }
}

impl Write for Upgraded {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        (&mut &*self).write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for Upgraded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgraded")
            .field("peer", &self.wire.peer)
            .finish_non_exhaustive()
    }
}
