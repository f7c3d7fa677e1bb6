//! Listening on a path.

use super::{UnixSocketAddr, UnixStream, address};
use crate::net::accept;
use crate::net::fd::Fd;
use crate::net::rt::Direction;
use crate::sys::socket;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

/// Listens for connections at a path: std's, but `accept` suspends the goroutine (Go's
/// `net.UnixListener`).
///
/// As in Go, closing or dropping a listener made by [`bind`](Self::bind) removes its file;
/// [`set_unlink_on_close`](Self::set_unlink_on_close) changes that.
///
/// # Suspends
/// `accept` and `close`.
///
/// ```
/// use goroutines::net::UnixListener;
///
/// let path = std::env::temp_dir().join(format!("doc-{}.sock", std::process::id()));
/// let listener = UnixListener::bind(&path)?;
/// assert!(path.exists());
/// drop(listener);
/// assert!(!path.exists());
/// # std::io::Result::Ok(())
/// ```
pub struct UnixListener {
    fd: Fd<std::os::unix::net::UnixListener>,
    /// The file to remove.
    file: File,
}

/// A socket's file, removed once.
struct File(Mutex<Option<PathBuf>>);

impl File {
    fn new(path: Option<&Path>) -> Self {
        Self(Mutex::new(path.map(Path::to_owned)))
    }

    fn remove(&self) {
        let path = self.0.lock().unwrap_or_else(|e| e.into_inner()).take();
        if let Some(path) = path {
            // Somebody may have removed it already, which is as well.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        self.remove();
    }
}

impl UnixListener {
    /// Listens at `path`, which must not exist.
    ///
    /// # Errors
    /// The kernel's, `AddrInUse` for instance.
    pub fn bind(path: impl AsRef<Path>) -> io::Result<UnixListener> {
        Self::bind_addr(&address(path)?)
    }

    /// Listens at `addr`.
    ///
    /// # Errors
    /// As [`bind`](Self::bind).
    pub fn bind_addr(addr: &UnixSocketAddr) -> io::Result<UnixListener> {
        let io = std::os::unix::net::UnixListener::bind_addr(addr)?;
        let file = File::new(addr.as_pathname());
        socket::long_backlog(&io)?;
        io.set_nonblocking(true)?;
        Ok(UnixListener {
            fd: Fd::new(io)?,
            file,
        })
    }

    /// Takes over a listener of std, which is put into non-blocking mode. Its file stays when it
    /// is closed.
    ///
    /// # Errors
    /// Those of the system's poller, which are want of memory.
    pub fn from_std(io: std::os::unix::net::UnixListener) -> io::Result<UnixListener> {
        io.set_nonblocking(true)?;
        Ok(UnixListener {
            fd: Fd::new(io)?,
            file: File::new(None),
        })
    }

    /// Waits for a connection; when the process has run out of descriptors, also for those, as
    /// [`TcpListener::accept`](crate::net::TcpListener::accept).
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close), `i/o timeout` after the
    /// deadline, or the kernel's.
    pub fn accept(&self) -> io::Result<(UnixStream, UnixSocketAddr)> {
        let (stream, addr) = accept::accept(&self.fd, std::os::unix::net::UnixListener::accept)?;
        Ok((UnixStream::from_std(stream)?, addr))
    }

    /// Accepts again and again; never ends, not with an error either.
    pub fn incoming(&self) -> UnixIncoming<'_> {
        UnixIncoming { listener: self }
    }

    /// A second handle on the same listener, with a deadline of its own. Closing it does not
    /// remove the file.
    ///
    /// # Errors
    /// The kernel's, `EMFILE` for instance.
    pub fn try_clone(&self) -> io::Result<UnixListener> {
        Self::from_std(self.fd.get()?.try_clone()?)
    }

    /// The address it listens at.
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn local_addr(&self) -> io::Result<UnixSocketAddr> {
        self.fd.get()?.local_addr()
    }

    /// Whether closing and dropping remove the file (Go's `SetUnlinkOnClose`).
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn set_unlink_on_close(&self, unlink: bool) -> io::Result<()> {
        let path = self.local_addr()?;
        let path = path.as_pathname().filter(|_| unlink).map(Path::to_owned);
        *self.file.0.lock().unwrap_or_else(|e| e.into_inner()) = path;
        Ok(())
    }

    /// Makes [`accept`](Self::accept) fail with `i/o timeout` from `deadline` on; `None` clears
    /// it.
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn set_deadline(&self, deadline: impl Into<Option<Instant>>) -> io::Result<()> {
        self.fd.set_deadline(Direction::Read, deadline.into())
    }

    /// Stops listening: who is blocked in [`accept`](Self::accept) gets `use of closed network
    /// connection`.
    ///
    /// # Errors
    /// `use of closed network connection` if it was closed before.
    pub fn close(&self) -> io::Result<()> {
        self.file.remove();
        self.fd.close()
    }
}

crate::net::std_methods!(UnixListener);
crate::net::std_traits!(UnixListener, std::os::unix::net::UnixListener);

/// The connections of a [`UnixListener`], one after the other.
#[derive(Debug)]
pub struct UnixIncoming<'a> {
    listener: &'a UnixListener,
}

impl Iterator for UnixIncoming<'_> {
    type Item = io::Result<UnixStream>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.listener.accept().map(|(stream, _)| stream))
    }
}
