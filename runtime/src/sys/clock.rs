//! Clocks.

use std::time::Duration;

/// Nanoseconds on the monotonic clock; Go's `nanotime`.
#[inline]
pub(crate) fn nanotime() -> i64 {
    gettime(libc::CLOCK_MONOTONIC).unwrap_or(0)
}

/// A clock in nanoseconds; `None` if there is no such clock (any more).
#[inline]
#[allow(
    clippy::unnecessary_cast,
    reason = "the fields' types differ between systems"
)]
pub(crate) fn gettime(clock: libc::clockid_t) -> Option<i64> {
    let mut ts = timespec(Duration::ZERO);
    // SAFETY: `ts` is a local.
    let ok = unsafe { libc::clock_gettime(clock, &raw mut ts) } == 0;
    ok.then(|| ts.tv_sec as i64 * 1_000_000_000 + ts.tv_nsec as i64)
}

/// A time as the system calls take it; one that is too long is cut to what fits.
#[allow(deprecated, reason = "musl's `time_t` is 64 bits wide where we run")]
pub(super) fn timespec(time: Duration) -> libc::timespec {
    libc::timespec {
        tv_sec: time.as_secs().min(i64::MAX as u64) as libc::time_t,
        tv_nsec: time.subsec_nanos() as libc::c_long,
    }
}
