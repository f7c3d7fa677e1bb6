//! Clocks.

/// Nanoseconds on the monotonic clock; Go's `nanotime`.
#[inline]
pub(crate) fn nanotime() -> i64 {
    gettime(libc::CLOCK_MONOTONIC).unwrap_or(0)
}

/// A clock in nanoseconds; `None` if there is no such clock (any more).
#[inline]
// The fields' types differ between systems.
#[allow(clippy::unnecessary_cast)]
pub(crate) fn gettime(clock: libc::clockid_t) -> Option<i64> {
    let mut ts = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `ts` is a local.
    let ok = unsafe { libc::clock_gettime(clock, &raw mut ts) } == 0;
    ok.then(|| ts.tv_sec as i64 * 1_000_000_000 + ts.tv_nsec as i64)
}
