//! The futex system call.

use crate::sys::clock;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// See [`futex`](crate::sys::futex).
pub(in crate::sys) fn wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) {
    let ts = timeout.map(clock::timespec);
    let ts_ptr = ts.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: the word outlives the call (it is borrowed), `ts_ptr` is null or points to a local.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG,
            expected,
            ts_ptr,
        );
    }
}

/// See [`futex`](crate::sys::futex).
pub(in crate::sys) fn wake(word: *const AtomicU32) {
    // SAFETY: FUTEX_WAKE does not read through the address, it only looks it up.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word,
            libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG,
            1,
        );
    }
}

/// See [`futex`](crate::sys::futex): there is nothing to it but a system call.
pub(in crate::sys) fn wake_in_handler(word: *const AtomicU32) {
    wake(word);
}
