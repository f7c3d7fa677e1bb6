//! The pipes to a child.

use crate::net::fd::Fd;
use crate::net::rt::Direction;
use crate::sys;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::time::Instant;

/// One kind of pipe: `$T` around std's type, with `read` or `write`.
macro_rules! pipe {
    ($(#[$doc:meta])* $T:ident, $dir:ident, $set_deadline:ident) => {
        $(#[$doc])*
        ///
        /// # Suspends
        /// Where std's blocks.
        #[derive(Debug)]
        pub struct $T {
            fd: Fd<std::process::$T>,
        }

        impl $T {
            /// Takes over std's pipe, which is put into non-blocking mode.
            ///
            /// # Errors
            /// Those of the system's poller, which mean a lack of memory.
            pub fn from_std(pipe: std::process::$T) -> io::Result<Self> {
                sys::fd::set_nonblocking(&pipe, true)?;
                Ok(Self {
                    fd: Fd::new(pipe)?,
                })
            }

            /// Makes calls fail with `i/o timeout` from `deadline` on, blocked ones too; `None`
            /// clears it.
            ///
            /// # Errors
            /// `use of closed network connection` after [`close`](Self::close).
            pub fn $set_deadline(
                &self,
                deadline: impl Into<Option<Instant>>,
            ) -> io::Result<()> {
                self.fd.set_deadline(Direction::$dir, deadline.into())
            }

            /// Closes it; a goroutine blocked in it gets `use of closed network connection`.
            ///
            /// # Errors
            /// `use of closed network connection` if it was closed before.
            pub fn close(&self) -> io::Result<()> {
                self.fd.close()
            }
        }

        impl TryFrom<$T> for std::process::Stdio {
            type Error = io::Error;

            /// Makes it another child's input or output.
            fn try_from(pipe: $T) -> io::Result<Self> {
                let pipe = pipe.fd.into_inner();
                sys::fd::set_nonblocking(&pipe.as_fd(), false)?;
                Ok(pipe.into())
            }
        }

        pipe!(@ $T, $dir);
    };
    (@ $T:ident, Read) => {
        impl Read for &$T {
            fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
                if buf.is_empty() {
                    return Ok(0);
                }
                // std's type reads by `&mut` only; the descriptor does by itself.
                self.fd.read(|pipe| sys::fd::read(pipe, buf))
            }
        }

        impl Read for $T {
            fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
                (&*self).read(buf)
            }
        }
    };
    (@ $T:ident, Write) => {
        impl Write for &$T {
            fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
                self.fd
                    .write_stream(buf.len(), |mut pipe, done| pipe.write(&buf[done..]))
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }

        impl Write for $T {
            fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
                (&*self).write(buf)
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
    };
}

pipe! {
    /// The input of a child. Dropping it lets the child read the end of its input.
    ChildStdin, Write, set_write_deadline
}

pipe! {
    /// The output of a child.
    ChildStdout, Read, set_read_deadline
}

pipe! {
    /// The error output of a child.
    ChildStderr, Read, set_read_deadline
}
