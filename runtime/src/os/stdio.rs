//! [`stdout`] and [`stderr`].
//!
//! The descriptor stays in the mode in which we got it: other processes may have it too, and would be told
//! `EAGAIN` if it did not block. So we ask whether there is room before we write, and write no more than
//! surely fits; while there is none the goroutine waits for the poller. Another writer of the same pipe
//! may take the room in between: then that one call blocks its thread, bracketed.

use crate::net::fd::Fd;
use crate::runtime::goid;
use crate::sched::blocking;
use crate::sched::sigpipe;
use crate::sync::RawMutex;
use crate::sys;
use std::cell::Cell;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::marker::PhantomData;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a pipe with any room takes at once (POSIX: `PIPE_BUF`, on Linux; no system has less than 512).
const ROOM: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };

/// One of the two streams of the process.
struct Stream {
    raw: RawFd,
    lock: RawMutex,
    /// The holder of the lock; 0: none. Only its holder writes its own number here.
    owner: AtomicU64,
    polled: OnceLock<Option<Polled>>,
}

/// A stream that can be polled.
struct Polled {
    fd: Fd<Std>,
    /// Which file it was: the program may put another in its place (`dup2`).
    file: Option<(u64, u64)>,
}

/// A descriptor that is never closed.
struct Std(RawFd);

impl AsRawFd for Std {
    fn as_raw_fd(&self) -> RawFd {
        self.0
    }
}

static STDOUT: Stream = Stream::new(1);
static STDERR: Stream = Stream::new(2);

/// A number for the caller: its goroutine's, or its thread's.
fn me() -> u64 {
    thread_local! {
        static THREAD: Cell<u64> = const { Cell::new(0) };
    }
    static LAST: AtomicU64 = AtomicU64::new(1 << 63);
    match goid() {
        0 => THREAD.with(|number| {
            if number.get() == 0 {
                number.set(LAST.fetch_add(1, Ordering::Relaxed) + 1);
            }
            number.get()
        }),
        id => id,
    }
}

impl Stream {
    const fn new(raw: RawFd) -> Stream {
        Stream {
            raw,
            lock: RawMutex::new(),
            owner: AtomicU64::new(0),
            polled: OnceLock::new(),
        }
    }

    /// Locks it, unless the caller has it already.
    fn lock(&'static self) -> Held {
        let me = me();
        // Relaxed: it is our number only if we have put it there.
        let outermost = self.owner.load(Ordering::Relaxed) != me;
        if outermost {
            self.lock.lock();
            self.owner.store(me, Ordering::Relaxed);
        }
        Held {
            stream: self,
            outermost,
            _of_its_owner: PhantomData,
        }
    }

    /// Writes all of `buf`, or up to an error. The caller has the lock.
    fn write(&self, buf: &[u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        let result = match self.polled() {
            Some(polled) => polled.fd.write_stream(buf.len(), |_, done| {
                let rest = &buf[done..];
                let room = &rest[..rest.len().min(ROOM)];
                let is_same = || sys::fd::identity(self.raw) == polled.file;
                if !sys::fd::is_writable(self.raw) && is_same() {
                    return Err(io::ErrorKind::WouldBlock.into());
                }
                blocking(|| sys::fd::write(self.raw, room))
            }),
            None => blocking(|| sys::fd::write(self.raw, buf)),
        };
        if let Err(e) = &result {
            sigpipe::check(e);
        }
        result
    }

    /// The stream in the poller. What cannot be polled, a file for instance, has room as a rule; if only
    /// memory or descriptors lack, the next call tries again.
    fn polled(&self) -> Option<&Polled> {
        if self.polled.get().is_none() {
            let polled = match Fd::new(Std(self.raw)) {
                Ok(fd) => Some(Polled {
                    fd,
                    file: sys::fd::identity(self.raw),
                }),
                Err(e) if e.kind() == io::ErrorKind::PermissionDenied => None,
                Err(_) => return None,
            };
            // The caller has the lock, so no other goroutine was faster.
            let _ = self.polled.set(polled);
        }
        self.polled.get()?.as_ref()
    }

    /// One piece of text, in one piece.
    fn write_fmt(&'static self, args: fmt::Arguments<'_>) -> io::Result<()> {
        // First, before locking: what is printed may itself print.
        let mut text = String::new();
        fmt::write(&mut text, args).map_err(|_| io::Error::other("formatter error"))?;
        self.lock().write_all(text.as_bytes())
    }
}

/// The lock of a stream, held.
struct Held {
    stream: &'static Stream,
    /// The one that gives the lock back.
    outermost: bool,
    /// It stays with its goroutine.
    _of_its_owner: PhantomData<*mut ()>,
}

impl Write for Held {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.stream.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.outermost {
            self.stream.owner.store(0, Ordering::Relaxed);
            self.stream.lock.unlock();
        }
    }
}

/// The public types around one [`Stream`].
macro_rules! stream {
    ($(#[$doc:meta])* $T:ident, $(#[$lock_doc:meta])* $Lock:ident, $STREAM:ident, $std:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default)]
        #[non_exhaustive]
        pub struct $T {}

        $(#[$lock_doc])*
        #[must_use = "the lock is given back when it is dropped"]
        pub struct $Lock(Held);

        impl $T {
            /// Keeps the stream for the caller until the result is dropped. The goroutine that has it
            /// may lock it again, or write without.
            ///
            /// # Suspends
            /// While another goroutine has it.
            pub fn lock(&self) -> $Lock {
                $Lock($STREAM.lock())
            }

            /// Is it a terminal?
            #[must_use]
            pub fn is_terminal(&self) -> bool {
                $std.is_terminal()
            }
        }

        impl Write for &$T {
            fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
                $STREAM.lock().write(buf)
            }

            fn write_fmt(&mut self, args: fmt::Arguments<'_>) -> io::Result<()> {
                $STREAM.write_fmt(args)
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }

        impl Write for $T {
            fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
                (&*self).write(buf)
            }

            fn write_fmt(&mut self, args: fmt::Arguments<'_>) -> io::Result<()> {
                $STREAM.write_fmt(args)
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }

        impl Write for $Lock {
            fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
                self.0.write(buf)
            }

            fn write_fmt(&mut self, args: fmt::Arguments<'_>) -> io::Result<()> {
                $STREAM.write_fmt(args)
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }

        impl fmt::Debug for $Lock {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Lock)).finish_non_exhaustive()
            }
        }

        impl AsFd for $T {
            fn as_fd(&self) -> BorrowedFd<'_> {
                sys::fd::standard($STREAM.raw)
            }
        }

        impl AsRawFd for $T {
            fn as_raw_fd(&self) -> RawFd {
                $STREAM.raw
            }
        }
    };
}

stream! {
    /// The output of this process; made by [`stdout`].
    Stdout,
    /// The output of this process, kept for one goroutine by [`Stdout::lock`].
    StdoutLock, STDOUT, io::stdout()
}

stream! {
    /// The error output of this process; made by [`stderr`].
    Stderr,
    /// The error output of this process, kept for one goroutine by [`Stderr::lock`].
    StderrLock, STDERR, io::stderr()
}

/// The output of this process (Go's `os.Stdout`). Waiting until a pipe, socket or terminal has room
/// suspends the goroutine and takes no thread.
///
/// Nothing is buffered here: a call of `write`, `write_all`, `write!` or `writeln!` writes all it has at
/// once, and no other output comes in between. Several calls in a row need [`Stdout::lock`] for that. If
/// you write much, put a [`BufWriter`](std::io::BufWriter) around it.
///
/// `println!` is std's: it goes through std's own buffer and lock, and while there is no room it takes a
/// thread for each goroutine that prints. What std still has in its buffer, after `print!` without an end of
/// line, comes out after what is written here.
///
/// # Errors
/// Of the methods: the system's. If a pipe has no reader any more the process ends by `SIGPIPE`, as Go's
/// do, unless it has [asked for](crate::signal::notify) that signal or [ignores](crate::signal::ignore) it.
///
/// # Suspends
/// The methods, while there is no room or another goroutine writes.
///
/// ```
/// use goroutines::os;
/// use std::io::Write;
///
/// writeln!(os::stdout(), "a line")?;
/// let mut out = os::stdout().lock();
/// writeln!(out, "two lines")?;
/// writeln!(out, "that stay together")?;
/// # std::io::Result::Ok(())
/// ```
#[must_use]
pub fn stdout() -> Stdout {
    Stdout {}
}

/// The error output of this process (Go's `os.Stderr`); all that [`stdout`] says holds for it too.
///
/// ```
/// use std::io::Write;
/// writeln!(goroutines::os::stderr(), "it went wrong")?;
/// # std::io::Result::Ok(())
/// ```
#[must_use]
pub fn stderr() -> Stderr {
    Stderr {}
}
