//! What a signal's disposition is, and on which stack its handler runs.

use std::ptr;

fn disposition(signal: i32) -> Option<libc::sigaction> {
    // SAFETY: all zeroes is a valid `sigaction`.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: only writes to `action`; a bad number gives EINVAL.
    let rc = unsafe { libc::sigaction(signal, ptr::null(), &raw mut action) };
    (rc == 0).then_some(action)
}

/// Does the process ignore `signal`?
pub(crate) fn is_ignored(signal: i32) -> bool {
    disposition(signal).is_some_and(|a| a.sa_sigaction == libc::SIG_IGN)
}

/// What a signal does, to be brought back.
pub(crate) struct Disposition(libc::sigaction);

impl Disposition {
    /// Was it ignored?
    pub(crate) fn is_ignored(&self) -> bool {
        self.0.sa_sigaction == libc::SIG_IGN
    }

    /// Lets `signal` do this again.
    pub(crate) fn restore(&self, signal: i32) {
        // SAFETY: it was the signal's disposition before, so its handler is one.
        unsafe { libc::sigaction(signal, &raw const self.0, ptr::null_mut()) };
    }
}

/// Makes the kernel ignore `signal`, for this process and the programs that it starts. Returns what it did
/// before; `None` if that cannot be changed.
pub(crate) fn ignore(signal: i32) -> Option<Disposition> {
    // SAFETY: all zeroes is a valid `sigaction`; both are ours.
    unsafe {
        let mut old: libc::sigaction = std::mem::zeroed();
        let mut new: libc::sigaction = std::mem::zeroed();
        new.sa_sigaction = libc::SIG_IGN;
        let rc = libc::sigaction(signal, &raw const new, &raw mut old);
        (rc == 0).then_some(Disposition(old))
    }
}

/// The number of the error of a write that has no reader.
pub(crate) const EPIPE: i32 = libc::EPIPE;

/// Ends the process by SIGPIPE.
pub(crate) fn die_of_sigpipe() -> ! {
    // SAFETY: all zeroes is a valid `sigaction`, that of the default; the set is initialised before use.
    unsafe {
        let default: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGPIPE, &raw const default, ptr::null_mut());
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, libc::SIGPIPE);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const set, ptr::null_mut());
        libc::raise(libc::SIGPIPE);
        // What a shell says of a process that died so.
        libc::_exit(128 + libc::SIGPIPE)
    }
}

/// Lets the handler installed for `signal` run on the thread's alternate stack: a goroutine's own
/// may have little left.
pub(crate) fn handle_on_alternate_stack(signal: i32) {
    if let Some(mut action) = disposition(signal) {
        action.sa_flags |= libc::SA_ONSTACK;
        // SAFETY: the same handler as before, only on another stack.
        unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) };
    }
}

/// Runs a part of a signal handler without a trace in the interrupted code's `errno`.
pub(crate) fn keeping_errno(f: impl FnOnce()) {
    let errno = super::os::signal::errno();
    // SAFETY: the calling thread's own `errno`.
    let before = unsafe { *errno };
    f();
    // SAFETY: as above; the handler has not left the thread.
    unsafe { *errno = before };
}
