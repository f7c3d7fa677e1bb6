//! The methods and traits that all kinds of sockets share, written once.
//!
//! Each macro expects a type `T { fd: Fd<Std> }`.

/// `set_nonblocking`, `take_error`, and with `ttl` also `ttl` and `set_ttl`.
macro_rules! std_methods {
    ($T:ident, ttl) => {
        $crate::net::std_methods!($T);

        impl $T {
            /// How many hops a packet may take (`IP_TTL`).
            ///
            /// # Errors
            /// The kernel's.
            pub fn set_ttl(&self, ttl: u32) -> ::std::io::Result<()> {
                self.fd.get()?.set_ttl(ttl)
            }

            /// What [`set_ttl`](Self::set_ttl) has set.
            ///
            /// # Errors
            /// The kernel's.
            pub fn ttl(&self) -> ::std::io::Result<u32> {
                self.fd.get()?.ttl()
            }
        }
    };
    ($T:ident) => {
        impl $T {
            /// Makes calls that would suspend the goroutine fail with `WouldBlock` instead. (The
            /// descriptor itself is always in non-blocking mode.)
            ///
            /// # Errors
            /// `use of closed network connection` after `close`.
            pub fn set_nonblocking(&self, nonblocking: bool) -> ::std::io::Result<()> {
                self.fd.set_nonblocking(nonblocking)
            }

            /// The error that the socket has stored, if any (`SO_ERROR`).
            ///
            /// # Errors
            /// The kernel's.
            pub fn take_error(&self) -> ::std::io::Result<Option<::std::io::Error>> {
                self.fd.get()?.take_error()
            }
        }
    };
}

/// Deadlines, std's timeouts, and `close`.
macro_rules! deadline_methods {
    ($T:ident) => {
        impl $T {
            /// Makes reads and writes fail with `i/o timeout` from `deadline` on, blocked ones too
            /// (Go's `SetDeadline`). It stays until it is set again; `None` clears it, a time in
            /// the past ends everything at once.
            ///
            /// # Errors
            /// `use of closed network connection` after [`close`](Self::close).
            ///
            /// ```
            #[doc = concat!("use goroutines::net::", stringify!($T), ";")]
            /// use std::time::{Duration, Instant};
            ///
            #[doc = concat!("fn hurry(conn: &", stringify!($T), ") -> std::io::Result<()> {")]
            ///     conn.set_deadline(Instant::now() + Duration::from_secs(1))?; // for all that follows
            ///     conn.set_deadline(None) // and never mind
            /// }
            /// ```
            pub fn set_deadline(
                &self,
                deadline: impl Into<Option<::std::time::Instant>>,
            ) -> ::std::io::Result<()> {
                let deadline = deadline.into();
                self.set_read_deadline(deadline)?;
                self.set_write_deadline(deadline)
            }

            /// [`set_deadline`](Self::set_deadline) for reads only.
            ///
            /// # Errors
            /// `use of closed network connection` after [`close`](Self::close).
            pub fn set_read_deadline(
                &self,
                deadline: impl Into<Option<::std::time::Instant>>,
            ) -> ::std::io::Result<()> {
                self.fd
                    .set_deadline($crate::net::rt::Direction::Read, deadline.into())
            }

            /// [`set_deadline`](Self::set_deadline) for writes only.
            ///
            /// # Errors
            /// `use of closed network connection` after [`close`](Self::close).
            pub fn set_write_deadline(
                &self,
                deadline: impl Into<Option<::std::time::Instant>>,
            ) -> ::std::io::Result<()> {
                self.fd
                    .set_deadline($crate::net::rt::Direction::Write, deadline.into())
            }

            /// Lets each read take at most `timeout`; `None`: as long as it takes. It replaces a
            /// read deadline, and a deadline replaces it.
            ///
            /// # Errors
            /// `InvalidInput` for zero; `use of closed network connection` after
            /// [`close`](Self::close).
            pub fn set_read_timeout(
                &self,
                timeout: Option<::std::time::Duration>,
            ) -> ::std::io::Result<()> {
                self.fd
                    .set_timeout($crate::net::rt::Direction::Read, timeout)
            }

            /// Lets each write take at most `timeout`, as
            /// [`set_read_timeout`](Self::set_read_timeout).
            ///
            /// # Errors
            /// As [`set_read_timeout`](Self::set_read_timeout).
            pub fn set_write_timeout(
                &self,
                timeout: Option<::std::time::Duration>,
            ) -> ::std::io::Result<()> {
                self.fd
                    .set_timeout($crate::net::rt::Direction::Write, timeout)
            }

            /// What [`set_read_timeout`](Self::set_read_timeout) has set.
            ///
            /// # Errors
            /// `use of closed network connection` after [`close`](Self::close).
            pub fn read_timeout(&self) -> ::std::io::Result<Option<::std::time::Duration>> {
                self.fd.timeout($crate::net::rt::Direction::Read)
            }

            /// What [`set_write_timeout`](Self::set_write_timeout) has set.
            ///
            /// # Errors
            /// `use of closed network connection` after [`close`](Self::close).
            pub fn write_timeout(&self) -> ::std::io::Result<Option<::std::time::Duration>> {
                self.fd.timeout($crate::net::rt::Direction::Write)
            }

            /// Closes it for all its users: calls that are blocked end with `use of closed network
            /// connection`, and so do all later ones (Go's `Close`). Dropping closes too.
            ///
            /// The number of the descriptor stays taken until the value is dropped.
            ///
            /// # Errors
            /// `use of closed network connection` if it was closed before.
            ///
            /// # Suspends
            /// Until the calls that are under way have ended.
            pub fn close(&self) -> ::std::io::Result<()> {
                self.fd.close()
            }
        }
    };
}

/// `from_std`, `into_std`, and what [`std_traits`] has.
macro_rules! descriptor_traits {
    ($T:ident, $Std:ty) => {
        impl $T {
            /// Takes over a connection of std, which is put into non-blocking mode.
            ///
            /// # Errors
            /// Those of the system's poller, which mean a lack of memory.
            pub fn from_std(io: $Std) -> ::std::io::Result<Self> {
                io.set_nonblocking(true)?;
                Ok(Self {
                    fd: $crate::net::fd::Fd::new(io)?,
                })
            }
        }

        $crate::net::std_traits!($T, $Std);
    };
}

/// `AsFd`, `AsRawFd`, `Debug`, `into_std` and `From` of std's type, for a type with `from_std`.
macro_rules! std_traits {
    ($T:ident, $Std:ty) => {
        impl $T {
            /// Turns it into std's type, which blocks its thread.
            ///
            /// # Errors
            /// Those of the system call that ends the non-blocking mode.
            pub fn into_std(self) -> ::std::io::Result<$Std> {
                let io = self.fd.into_inner();
                io.set_nonblocking(false)?;
                Ok(io)
            }
        }

        impl From<$Std> for $T {
            /// As `from_std`.
            ///
            /// # Panics
            /// Where `from_std` returns an error.
            fn from(io: $Std) -> Self {
                Self::from_std(io).expect("cannot register with the poller")
            }
        }

        impl ::std::os::fd::AsFd for $T {
            fn as_fd(&self) -> ::std::os::fd::BorrowedFd<'_> {
                ::std::os::fd::AsFd::as_fd(&self.fd)
            }
        }

        impl ::std::os::fd::AsRawFd for $T {
            fn as_raw_fd(&self) -> ::std::os::fd::RawFd {
                ::std::os::fd::AsRawFd::as_raw_fd(&::std::os::fd::AsFd::as_fd(self))
            }
        }

        impl ::std::fmt::Debug for $T {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                match self.fd.get() {
                    Ok(io) => f.debug_tuple(stringify!($T)).field(io).finish(),
                    Err(_) => f.write_str(concat!(stringify!($T), "(closed)")),
                }
            }
        }
    };
}

/// `Read` and `Write` for a type that has them for `&T`.
macro_rules! read_write_by_ref {
    ($T:ident) => {
        impl ::std::io::Read for $T {
            fn read(&mut self, buf: &mut [u8]) -> ::std::io::Result<usize> {
                (&*self).read(buf)
            }

            fn read_vectored(
                &mut self,
                bufs: &mut [::std::io::IoSliceMut<'_>],
            ) -> ::std::io::Result<usize> {
                (&*self).read_vectored(bufs)
            }
        }

        impl ::std::io::Write for $T {
            fn write(&mut self, buf: &[u8]) -> ::std::io::Result<usize> {
                (&*self).write(buf)
            }

            fn write_vectored(
                &mut self,
                bufs: &[::std::io::IoSlice<'_>],
            ) -> ::std::io::Result<usize> {
                (&*self).write_vectored(bufs)
            }

            fn flush(&mut self) -> ::std::io::Result<()> {
                (&*self).flush()
            }
        }
    };
}

pub(super) use {deadline_methods, descriptor_traits, read_write_by_ref, std_methods, std_traits};
