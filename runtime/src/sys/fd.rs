//! What is done to descriptors of any kind: non-blocking mode, and making one dead while its number
//! stays taken.

use super::os;
use std::fs::{File, OpenOptions};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
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
        .custom_flags(os::fd::NO_ACCESS)
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
/// `EBADF` from now on and never another file. The owner still closes `fd` itself.
pub(crate) fn kill(fd: RawFd) {
    let dead = dead().expect("prepared before the first descriptor was registered");
    // SAFETY: both are open descriptors; the borrowers of `fd` are promised an open descriptor,
    // not a certain file.
    unsafe { os::fd::replace(dead.as_raw_fd(), fd) };
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

/// Writes once, to a descriptor by its number, whatever is behind it now.
///
/// # Errors
/// Those of `write`.
pub(crate) fn write(fd: RawFd, buf: &[u8]) -> io::Result<usize> {
    // SAFETY: a buffer of the length told; a number that is not open gives EBADF.
    let n = unsafe { libc::write(fd, buf.as_ptr().cast(), buf.len()) };
    usize::try_from(n).map_err(|_| io::Error::last_os_error())
}

/// Would a write do something now: there is room, or it fails at once?
pub(crate) fn is_writable(fd: RawFd) -> bool {
    let mut asked = libc::pollfd {
        fd,
        events: libc::POLLOUT,
        revents: 0,
    };
    // SAFETY: one entry, which is ours. It does not wait.
    unsafe { libc::poll(&raw mut asked, 1, 0) != 0 }
}

/// Which file is behind a descriptor: its device and its number there.
pub(crate) fn identity(fd: RawFd) -> Option<(u64, u64)> {
    let mut stat = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: room for what the call writes, which it has if it returns 0.
    unsafe {
        (libc::fstat(fd, stat.as_mut_ptr()) == 0).then(|| {
            let stat = stat.assume_init();
            #[allow(clippy::unnecessary_cast, reason = "not on every system")]
            (stat.st_dev as u64, stat.st_ino as u64)
        })
    }
}

/// One of the descriptors 0, 1 and 2, which std opens if the program got none.
pub(crate) fn standard(fd: RawFd) -> BorrowedFd<'static> {
    // SAFETY: not -1. Code that closes a standard descriptor breaks std's own handles as much.
    unsafe { BorrowedFd::borrow_raw(fd) }
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
