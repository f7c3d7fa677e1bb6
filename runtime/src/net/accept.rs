//! Accepting a connection, whatever the kind of listener.

use super::fd::Fd;
use super::rt::sleep;
use crate::sys::socket;
use std::io;
use std::os::fd::AsRawFd;
use std::time::Duration;

/// Accepts with `call`. Waits while the process has no descriptor or memory left; passes over
/// connections that have broken off.
pub(super) fn accept<S: AsRawFd, R>(
    listener: &Fd<S>,
    mut call: impl FnMut(&S) -> io::Result<R>,
) -> io::Result<R> {
    const FIRST: Duration = Duration::from_millis(5);
    const LAST: Duration = Duration::from_secs(1);
    let mut pause = FIRST;
    loop {
        match listener.read(&mut call) {
            Err(e) if e.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(e) if socket::is_exhaustion(&e) => {
                sleep(pause);
                pause = (pause * 2).min(LAST);
            }
            result => return result,
        }
    }
}
