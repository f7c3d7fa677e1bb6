//! Listening on a path.

use super::{UnixSocketAddr, UnixStream, address};
use crate::net::accept;
use crate::net::fd::Fd;
use crate::net::rt::Direction;
use crate::sys::socket;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

/// Listens for connections at a path: std's, but `accept` suspends the goroutine (Go's
/// `net.UnixListener`).
///
/// As in Go, closing or dropping a listener made by [`bind`](Self::bind) removes its file, unless a
/// [clone](Self::try_clone) of it still listens; [`set_unlink_on_close`](Self::set_unlink_on_close)
/// changes that.
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
    /// The file, which all clones have; gone from the one that is closed.
    file: Mutex<Option<Arc<File>>>,
}

/// A socket's file, to be removed with the last listener that has it.
struct File(Mutex<Option<PathBuf>>);

impl File {
    fn shared(path: Option<&Path>) -> Mutex<Option<Arc<File>>> {
        let file = File(Mutex::new(path.map(Path::to_owned)));
        Mutex::new(Some(Arc::new(file)))
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let path = self.0.get_mut().unwrap_or_else(|e| e.into_inner()).take();
        if let Some(path) = path {
            // It may have been removed already, which is just as well.
            let _ = std::fs::remove_file(path);
        }
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
        let file = File::shared(addr.as_pathname());
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
    /// Those of the system's poller, which mean a lack of memory.
    pub fn from_std(io: std::os::unix::net::UnixListener) -> io::Result<UnixListener> {
        io.set_nonblocking(true)?;
        Ok(UnixListener {
            fd: Fd::new(io)?,
            file: File::shared(None),
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

    /// A second handle on the same listener, with a deadline of its own. The file is removed when the
    /// last of them is closed or dropped.
    ///
    /// # Errors
    /// The kernel's, `EMFILE` for instance.
    pub fn try_clone(&self) -> io::Result<UnixListener> {
        let mut clone = Self::from_std(self.fd.get()?.try_clone()?)?;
        clone.file = Mutex::new(self.file().clone());
        Ok(clone)
    }

    fn file(&self) -> MutexGuard<'_, Option<Arc<File>>> {
        self.file.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// The address it listens at.
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn local_addr(&self) -> io::Result<UnixSocketAddr> {
        self.fd.get()?.local_addr()
    }

    /// Whether closing and dropping the last clone remove the file (Go's `SetUnlinkOnClose`).
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn set_unlink_on_close(&self, unlink: bool) -> io::Result<()> {
        let path = self.local_addr()?;
        let path = path.as_pathname().filter(|_| unlink).map(Path::to_owned);
        if let Some(file) = &*self.file() {
            *file.0.lock().unwrap_or_else(|e| e.into_inner()) = path;
        }
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

    /// Stops listening: a goroutine blocked in [`accept`](Self::accept) gets `use of closed network
    /// connection`.
    ///
    /// # Errors
    /// `use of closed network connection` if it was closed before.
    pub fn close(&self) -> io::Result<()> {
        // Before the descriptor, as Go does: the next one to bind the path keeps the new file.
        drop(self.file().take());
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
