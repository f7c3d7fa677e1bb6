//! What the poller and `process` share of kqueue: opening one, changing it; waiting for a child.

use super::inject;
use super::mutex::Mutex;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::process::{Child, ExitStatus};
use std::sync::Arc;

/// What is asked about one identifier.
#[derive(Clone, Copy)]
pub(super) struct Change {
    pub(super) ident: usize,
    pub(super) filter: i16,
    pub(super) flags: u16,
    pub(super) fflags: u32,
    pub(super) token: u64,
}

impl Change {
    fn raw(self) -> libc::kevent {
        // SAFETY: all zeroes is a valid `kevent`, and some systems have more fields than we fill.
        let mut raw: libc::kevent = unsafe { std::mem::zeroed() };
        raw.ident = self.ident;
        raw.filter = self.filter;
        raw.flags = self.flags;
        raw.fflags = self.fflags;
        raw.udata = std::ptr::without_provenance_mut(self.token as usize);
        raw
    }
}

/// A kqueue that is closed when a program is executed.
///
/// # Errors
/// `EMFILE`, `ENFILE`, `ENOMEM`.
pub(super) fn open() -> io::Result<OwnedFd> {
    // SAFETY: no arguments; a descriptor that comes back has no other owner.
    let fd = unsafe {
        match libc::kqueue() {
            -1 => return Err(io::Error::last_os_error()),
            fd => OwnedFd::from_raw_fd(fd),
        }
    };
    // (A child that is forked does not have it anyway.)
    // SAFETY: an open descriptor.
    if unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(fd)
}

/// Applies a change.
///
/// # Errors
/// Those of `kevent`.
pub(super) fn change(kq: RawFd, change: Change) -> io::Result<()> {
    inject::fault("kevent")?;
    let raw = change.raw();
    let no_time = std::ptr::null::<libc::timespec>();
    // SAFETY: one change, which is ours, and no room for events: then the change's own error is the call's.
    let rc = unsafe { libc::kevent(kq, &raw const raw, 1, std::ptr::null_mut(), 0, no_time) };
    if rc < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// See [`proc`](super::proc).
pub(crate) struct Handle {
    kq: OwnedFd,
    child: Arc<Named>,
}

/// The process's number, for as long as it is that process's.
struct Named {
    pid: libc::pid_t,
    waited_for: Mutex<bool>,
}

impl Handle {
    /// A kqueue that is readable when the child has ended, which has not been waited for.
    ///
    /// # Errors
    /// `EMFILE`, `ENFILE`, `ENOMEM`.
    pub(crate) fn open(pid: u32) -> io::Result<Handle> {
        inject::fault("pidfd_open")?;
        let kq = open()?;
        let end = Change {
            ident: pid as usize,
            filter: libc::EVFILT_PROC,
            flags: libc::EV_ADD,
            fflags: libc::NOTE_EXIT,
            token: 0,
        };
        match change(kq.as_raw_fd(), end) {
            // It has ended already: an event that has happened stands for its end.
            Err(e) if e.raw_os_error() == Some(libc::ESRCH) => {
                let ended = Change {
                    ident: 0,
                    filter: libc::EVFILT_USER,
                    flags: libc::EV_ADD,
                    fflags: 0,
                    token: 0,
                };
                change(kq.as_raw_fd(), ended)?;
                let happened = Change {
                    flags: 0,
                    fflags: libc::NOTE_TRIGGER,
                    ..ended
                };
                change(kq.as_raw_fd(), happened)?;
            }
            result => result?,
        }
        let child = Arc::new(Named {
            pid: pid as libc::pid_t,
            waited_for: Mutex::new(false),
        });
        Ok(Handle { kq, child })
    }

    /// Another one of the same process.
    ///
    /// # Errors
    /// `EMFILE`.
    pub(crate) fn try_clone(&self) -> io::Result<Handle> {
        Ok(Handle {
            kq: self.kq.try_clone()?,
            child: self.child.clone(),
        })
    }

    /// Waits for the child, whose handle this is, if it has ended.
    ///
    /// # Errors
    /// Those of `waitpid`.
    pub(crate) fn try_wait(&self, child: &mut Child) -> io::Result<Option<ExitStatus>> {
        let mut waited_for = self.child.waited_for.lock();
        let status = child.try_wait()?;
        *waited_for |= status.is_some();
        Ok(status)
    }

    /// The same of one that may be waited for in a moment only: the system tells of the end before it lets the
    /// parent have the status. So this waits; for long only if a terminal is to take the child's last output.
    ///
    /// # Errors
    /// Those of `waitid` and `waitpid`.
    pub(crate) fn collect(&self, child: &mut Child) -> io::Result<Option<ExitStatus>> {
        let status = self.try_wait(child)?;
        if status.is_some() || !self.has_ended() {
            return Ok(status);
        }
        // Without the lock, which a thread that sends a signal needs.
        until_it_can_be_waited_for(self.child.pid)?;
        self.try_wait(child)
    }

    /// Sends a signal to the process.
    ///
    /// # Errors
    /// `ESRCH` if it has been waited for already.
    pub(crate) fn signal(&self, signal: i32) -> io::Result<()> {
        // Held over the call: until it has been waited for, no other process has the number.
        let waited_for = self.child.waited_for.lock();
        if *waited_for {
            return Err(io::Error::from_raw_os_error(libc::ESRCH));
        }
        // SAFETY: takes plain integers.
        if unsafe { libc::kill(self.child.pid, signal) } < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }
}

impl AsRawFd for Handle {
    fn as_raw_fd(&self) -> RawFd {
        self.kq.as_raw_fd()
    }
}

/// Waits for the end of a child, and leaves it to be waited for.
fn until_it_can_be_waited_for(pid: libc::pid_t) -> io::Result<()> {
    let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
    let how = libc::WEXITED | libc::WNOWAIT;
    loop {
        // SAFETY: room for what the call writes.
        if unsafe { libc::waitid(libc::P_PID, pid as libc::id_t, info.as_mut_ptr(), how) } == 0 {
            return Ok(());
        }
        let e = io::Error::last_os_error();
        if e.kind() != io::ErrorKind::Interrupted {
            return Err(e);
        }
    }
}
