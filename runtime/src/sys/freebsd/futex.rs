//! `_umtx_op`.

use crate::sys::clock;
use std::ffi::c_void;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// See [`futex`](crate::sys::futex).
pub(in crate::sys) fn wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) {
    let mut time = timeout.map(|timeout| libc::_umtx_time {
        _timeout: clock::timespec(timeout),
        _flags: 0,
        _clockid: libc::CLOCK_MONOTONIC as u32,
    });
    // The length of the structure goes where a pointer would.
    let (len, time) = match &mut time {
        Some(time) => (size_of::<libc::_umtx_time>(), std::ptr::from_mut(time)),
        None => (0, std::ptr::null_mut()),
    };
    // SAFETY: the word outlives the call (it is borrowed); `time` is null or points to a local.
    unsafe {
        libc::_umtx_op(
            word.as_ptr().cast(),
            libc::UMTX_OP_WAIT_UINT_PRIVATE,
            libc::c_ulong::from(expected),
            std::ptr::without_provenance_mut(len),
            time.cast(),
        );
    }
}

/// See [`futex`](crate::sys::futex).
pub(in crate::sys) fn wake(word: *const AtomicU32) {
    let none = std::ptr::null_mut::<c_void>();
    // SAFETY: it does not read through the address, it only looks it up.
    unsafe {
        libc::_umtx_op(
            word.cast_mut().cast(),
            libc::UMTX_OP_WAKE_PRIVATE,
            1,
            none,
            none,
        );
    }
}

/// See [`futex`](crate::sys::futex): there is nothing to it but a system call.
pub(in crate::sys) fn wake_in_handler(word: *const AtomicU32) {
    wake(word);
}
