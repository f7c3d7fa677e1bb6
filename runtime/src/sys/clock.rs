//! Clocks.

#[cfg(target_os = "linux")]
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// Nanoseconds on the monotonic clock; Go's `nanotime`.
#[inline]
pub(crate) fn nanotime() -> i64 {
    gettime(libc::CLOCK_MONOTONIC).unwrap_or(0)
}

/// How far [`coarse_nanotime`] is behind at most, as a rule: a hundred ticks a second are the fewest that there are.
const TICK: i64 = 10_000_000;

/// Not before this many nanoseconds after [`coarse_nanotime`] is it worth while to look at [`nanotime`]. More than
/// [`TICK`]: a tick may be late where the host of a virtual machine runs something else.
pub(crate) const NEAR: i64 = 4 * TICK;

/// What [`nanotime`] was at the kernel's last tick: never later than now. It costs far less, since nothing reads the
/// processor's counter for it.
#[inline]
pub(crate) fn coarse_nanotime() -> i64 {
    #[cfg(target_os = "linux")]
    if has_coarse() {
        return gettime(libc::CLOCK_MONOTONIC_COARSE).unwrap_or_else(nanotime);
    }
    nanotime()
}

/// Does the system have that clock? One that is as fine as any other (an emulator's) is no cheaper.
#[cfg(target_os = "linux")]
#[inline]
fn has_coarse() -> bool {
    const UNKNOWN: u8 = 0;
    const NO: u8 = 1;
    const YES: u8 = 2;
    // Relaxed: every thread finds out the same.
    static KNOWN: AtomicU8 = AtomicU8::new(UNKNOWN);
    #[cold]
    fn find_out() -> u8 {
        let mut tick = timespec(Duration::ZERO);
        // SAFETY: `tick` is a local.
        let ok = unsafe { libc::clock_getres(libc::CLOCK_MONOTONIC_COARSE, &raw mut tick) } == 0;
        let is_coarse = tick.tv_sec == 0 && (TICK / 10..=TICK).contains(&tick.tv_nsec);
        let known = if ok && is_coarse { YES } else { NO };
        KNOWN.store(known, Ordering::Relaxed);
        known
    }
    match KNOWN.load(Ordering::Relaxed) {
        UNKNOWN => find_out() == YES,
        known => known == YES,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The coarse clock is never ahead of the fine one, and goes on with it.
    #[test]
    fn coarse_is_behind() {
        let begin = coarse_nanotime();
        while coarse_nanotime() - begin < 3 * TICK {
            let (coarse, fine) = (coarse_nanotime(), nanotime());
            assert!(coarse <= fine, "{coarse} {fine}");
        }
    }
}
