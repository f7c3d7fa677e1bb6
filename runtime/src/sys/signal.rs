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
    #[cfg(target_os = "linux")]
    // SAFETY: the calling thread's own `errno`, which is always there.
    let errno = unsafe { libc::__errno_location() };
    #[cfg(target_os = "linux")]
    // SAFETY: as above.
    let before = unsafe { *errno };
    f();
    #[cfg(target_os = "linux")]
    // SAFETY: as above; the handler has not left the thread.
    unsafe {
        *errno = before;
    }
}
