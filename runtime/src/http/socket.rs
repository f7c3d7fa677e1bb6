//! The stream under a server's connection, whatever listener it comes from.

#[cfg(feature = "tls")]
use super::secure::Secure;
use crate::net::{TcpStream, UnixStream};
use std::io::{self, IoSlice, Read, Write};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::time::{Duration, Instant};

/// A connected stream.
pub(super) enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
    #[cfg(feature = "tls")]
    Secure(Box<Secure>),
}

/// Runs `$call` on whichever it is; `$secure` if it is encrypted and that makes a difference.
macro_rules! each {
    ($self:expr, $stream:ident => $call:expr) => {
        match $self {
            Socket::Tcp($stream) => $call,
            Socket::Unix($stream) => $call,
            #[cfg(feature = "tls")]
            Socket::Secure(secure) => {
                let $stream = &secure.stream;
                $call
            }
        }
    };
    ($self:expr, $stream:ident => $call:expr, $secure:ident => $other:expr) => {
        match $self {
            Socket::Tcp($stream) => $call,
            Socket::Unix($stream) => $call,
            #[cfg(feature = "tls")]
            Socket::Secure($secure) => $other,
        }
    };
}

impl Socket {
    /// Reads what is there; `WouldBlock` if nothing is. Nobody else reads meanwhile.
    pub(super) fn try_read_alone(&self, buf: &mut [MaybeUninit<u8>]) -> io::Result<usize> {
        each!(self, s => s.try_read_alone(buf), s => s.try_read_uninit(buf))
    }

    /// Waits for more after a [`try_read_alone`](Self::try_read_alone) that found nothing. Nobody else reads meanwhile.
    pub(super) fn wait_alone(&self) -> io::Result<()> {
        each!(self, s => s.wait_alone())
    }

    /// Writes. Nobody else writes meanwhile.
    pub(super) fn write_alone(&self, buf: &[u8]) -> io::Result<usize> {
        each!(self, s => s.write_alone(buf), s => s.write(buf))
    }

    /// Waits for input without taking any; `false`: the end of the stream.
    pub(super) fn peek_one(&self) -> io::Result<bool> {
        match self {
            Socket::Tcp(s) => s.peek(&mut [0]).map(|n| n > 0),
            Socket::Unix(s) => s.peek_one(),
            #[cfg(feature = "tls")]
            Socket::Secure(s) => s.peek_one(),
        }
    }

    pub(super) fn set_read_due(&self, due: Option<i64>) {
        each!(self, s => s.set_read_due(due));
    }

    pub(super) fn set_read_limit(&self, limit: Duration) {
        each!(self, s => s.set_read_limit(limit));
    }

    pub(super) fn set_read_deadline(&self, deadline: Option<Instant>) -> io::Result<()> {
        each!(self, s => s.set_read_deadline(deadline))
    }

    pub(super) fn set_write_deadline(&self, deadline: Option<Instant>) -> io::Result<()> {
        each!(self, s => s.set_write_deadline(deadline))
    }

    pub(super) fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        each!(self, s => s.set_write_timeout(timeout))
    }

    pub(super) fn end_writing(&self) -> io::Result<()> {
        each!(self, s => s.shutdown(Shutdown::Write), s => s.end_writing())
    }

    pub(super) fn close(&self) -> io::Result<()> {
        each!(self, s => s.close())
    }
}

impl Read for &Socket {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        each!(self, s => (&mut &*s).read(buf), s => s.read(buf))
    }
}

impl Write for &Socket {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        each!(self, s => (&mut &*s).write(buf), s => s.write(buf))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        each!(self, s => (&mut &*s).write_vectored(bufs), s => {
            let first = bufs.iter().find(|buf| !buf.is_empty());
            s.write(first.map_or(&[][..], |buf| buf))
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
