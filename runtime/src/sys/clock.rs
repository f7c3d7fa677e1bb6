//! Clocks.

/// Nanoseconds on the monotonic clock; Go's `nanotime`.
#[inline]
pub(crate) fn nanotime() -> i64 {
    gettime(libc::CLOCK_MONOTONIC)
}

/// Nanoseconds of CPU that the calling thread has used.
#[cfg(test)]
pub(crate) fn thread_cpu() -> i64 {
    gettime(libc::CLOCK_THREAD_CPUTIME_ID)
}

#[inline]
pub(crate) fn gettime(clock: libc::clockid_t) -> i64 {
    let mut ts = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `ts` is a local.
    unsafe { libc::clock_gettime(clock, &raw mut ts) };
    ts.tv_sec as i64 * 1_000_000_000 + ts.tv_nsec as i64
}
