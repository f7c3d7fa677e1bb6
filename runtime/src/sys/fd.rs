//! What is done to descriptors of any kind: non-blocking mode, and making one dead while its number
//! stays taken.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::OnceLock;

/// A file on which every call fails with `EBADF`: opened once, before it is needed, because it is
/// needed just when descriptors may have run out.
fn dead() -> io::Result<&'static File> {
    static DEAD: OnceLock<File> = OnceLock::new();
    if let Some(f) = DEAD.get() {
        return Ok(f);
    }
    super::inject::fault("open")?;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_PATH)
        .open("/")?;
    Ok(DEAD.get_or_init(|| file))
}

/// Makes sure that [`kill`] will work.
///
/// # Errors
/// `EMFILE`, `ENFILE`, `ENOMEM`.
pub(crate) fn prepare() -> io::Result<()> {
    dead().map(drop)
}

/// Closes what `fd` refers to, at once, but keeps the number taken: borrowers of the number get
/// `EBADF` from now on and never somebody else's file. The owner still closes `fd` itself.
pub(crate) fn kill(fd: RawFd) {
    let dead = dead().expect("prepared before the first descriptor was registered");
    // SAFETY: both are open descriptors; the borrowers of `fd` are promised an open descriptor,
    // not a certain file.
    unsafe { libc::dup3(dead.as_raw_fd(), fd, libc::O_CLOEXEC) };
}

/// Puts the file that `fd` refers to into non-blocking mode, or out of it.
///
/// # Errors
/// Those of `ioctl`.
pub(crate) fn set_nonblocking(fd: &impl AsFd, on: bool) -> io::Result<()> {
    let on = libc::c_int::from(on);
    // SAFETY: an open descriptor, and a number that the call only reads.
    let rc = unsafe { libc::ioctl(fd.as_fd().as_raw_fd(), libc::FIONBIO, &raw const on) };
    if rc < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Reads once.
///
/// # Errors
/// Those of `read`.
pub(crate) fn read(fd: &impl AsFd, buf: &mut [u8]) -> io::Result<usize> {
    // SAFETY: an open descriptor, and a buffer of the length told.
    let n = unsafe { libc::read(fd.as_fd().as_raw_fd(), buf.as_mut_ptr().cast(), buf.len()) };
    usize::try_from(n).map_err(|_| io::Error::last_os_error())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, pipe};

    #[test]
    fn the_other_end_sees_the_close_and_the_number_stays() {
        prepare().unwrap();
        let (mut rx, tx) = pipe().unwrap();
        kill(tx.as_raw_fd());
        assert_eq!(rx.read(&mut [0]).unwrap(), 0);
        let e = io::Write::write(&mut &tx, b"x").unwrap_err();
        assert_eq!(e.raw_os_error(), Some(libc::EBADF));
    }
}
