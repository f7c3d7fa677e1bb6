//! Calls of a goroutine that is known to be alone in its direction, as that of an HTTP connection is: no lock.
//!
//! The lock of a direction keeps two goroutines from reading, or writing, at once, and lets `close` wait for the call
//! that is under way. Who is alone needs neither:
//!
//! * **A wait beside `close`.** The waiter announces itself and then looks at the flags; `close` raises its flag and then
//!   takes the waiter out. One of the two sees the other, as beside a deadline. So nobody is left waiting when the
//!   descriptor leaves the poller.
//! * **A system call beside `close`.** The number stays taken, by a dead file: the call fails, and what it says is told
//!   as [`NetError::Closed`].
//!
//! The caller sees to it that no other goroutine reads, or writes, meanwhile, and that what the one before it did
//! happened before. If that is wrong, memory is safe still: a wait may be lost, or end in a panic.

use super::{Direction, Fd, NetError, away};
use std::io;
use std::os::fd::AsRawFd;

impl<S: AsRawFd> Fd<S> {
    /// As [`try_read_stream`](Self::try_read_stream), but a deadline that has passed is nothing to it: that is for waits,
    /// each of which sets its own.
    pub(crate) fn try_read_alone(
        &self,
        len: usize,
        call: impl FnMut(&S) -> io::Result<usize>,
    ) -> io::Result<usize> {
        if self.desc.flags.closed() {
            return Err(NetError::Closed.into());
        }
        match self.try_read_now(len, call) {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Err(e),
            Ok(n) if n > 0 => Ok(n),
            ended => self.unless_closed(ended),
        }
    }

    /// As [`wait_after_try`](Self::wait_after_try).
    pub(crate) fn wait_alone(&self) -> io::Result<()> {
        let _away = away();
        self.desc.wait_after_try()
    }

    /// As [`write_stream`](Self::write_stream).
    pub(crate) fn write_alone(
        &self,
        len: usize,
        call: impl FnMut(&S, usize) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let _away = away();
        self.desc.begin(Direction::Write)?;
        match self.write_all_of(len, call) {
            Ok(n) => Ok(n),
            ended => self.unless_closed(ended),
        }
    }

    /// A call may have found the dead file.
    #[cold]
    #[inline(never)]
    fn unless_closed(&self, ended: io::Result<usize>) -> io::Result<usize> {
        match self.desc.flags.closed() {
            true => Err(NetError::Closed.into()),
            false => ended,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;
    use std::sync::Arc;

    fn pair() -> (Arc<Fd<UnixStream>>, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        (Arc::new(Fd::new(ours).unwrap()), theirs)
    }

    fn read(fd: &Fd<UnixStream>) -> io::Result<usize> {
        fd.try_read_alone(8, |mut s| s.read(&mut [0; 8]))
    }

    /// Whenever `close` comes: whoever reads, waits or writes is told of it, and of nothing else.
    #[test]
    fn close_is_told_to_who_is_alone() {
        const CLOSED: &str = "use of closed network connection";
        crate::runtime::run(|| {
            for round in 0..300 {
                let (fd, theirs) = pair();
                let reader = crate::spawn({
                    let fd = fd.clone();
                    move || {
                        loop {
                            let result = match read(&fd) {
                                Ok(n) if n > 0 => Ok(()),
                                Ok(_) => break "an end".to_owned(),
                                Err(e) if e.kind() == io::ErrorKind::WouldBlock => fd.wait_alone(),
                                Err(e) => Err(e),
                            };
                            if let Err(e) = result {
                                break e.to_string();
                            }
                        }
                    }
                });
                let writer = crate::spawn({
                    let fd = fd.clone();
                    move || {
                        // More than there is room for, after a while.
                        let bytes = [0; 4096];
                        loop {
                            let wrote = fd.write_alone(4096, |mut s, done| s.write(&bytes[done..]));
                            if let Err(e) = wrote {
                                break e.to_string();
                            }
                        }
                    }
                });
                if round % 3 != 0 {
                    (&theirs).write_all(&[0; 100]).unwrap();
                }
                if round % 2 == 0 {
                    crate::time::sleep(std::time::Duration::from_micros(round));
                }
                fd.close().unwrap();
                assert_eq!(reader.join().unwrap(), CLOSED);
                assert_eq!(writer.join().unwrap(), CLOSED);
                assert_eq!(read(&fd).unwrap_err().to_string(), CLOSED);
                assert_eq!(fd.wait_alone().unwrap_err().to_string(), CLOSED);
            }
        });
    }

    /// What was there is read, and a wait that something ends is followed by a read of that.
    #[test]
    fn what_comes_is_read() {
        crate::runtime::run(|| {
            let (fd, theirs) = pair();
            for round in 0..100 {
                let late = round % 2 == 0;
                let sender = crate::spawn({
                    let mut theirs = theirs.try_clone().unwrap();
                    move || {
                        if late {
                            crate::time::sleep(std::time::Duration::from_micros(200));
                        }
                        theirs.write_all(b"word").unwrap();
                    }
                });
                let n = loop {
                    match read(&fd) {
                        Err(e) if e.kind() == io::ErrorKind::WouldBlock => fd.wait_alone().unwrap(),
                        result => break result.unwrap(),
                    }
                };
                assert_eq!(n, 4);
                sender.join().unwrap();
            }
        });
    }
}
