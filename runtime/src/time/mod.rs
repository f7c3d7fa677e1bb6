//! Time: sleeping, timers, tickers (Go's package `time`).
//!
//! Durations and moments are std's [`Duration`] and [`Instant`] (the monotonic clock); a `Duration`
//! cannot be negative, so where Go speaks of `d <= 0` it is zero here. Nothing happens early.
//!
//! The channels of timers and tickers behave as in Go since 1.23: unbuffered to look at (`len` and
//! `cap` are 0), the value is the time at which they were *due*, and once `stop` or `reset` has
//! returned nothing from before can be received. A timer that no goroutine waits for costs nothing
//! and needs no `stop`.
//!
//! ```
//! use goroutines::time::{self, MILLISECOND};
//!
//! let start = time::now();
//! let due = time::after(3 * MILLISECOND).recv().unwrap();
//! assert!(due >= start + 3 * MILLISECOND && due <= time::now());
//! ```

use crate::sched::Clock;
use crate::sched::instant_at;
use std::time::UNIX_EPOCH;

mod func;
mod sleep;
mod ticker;
mod timer;

#[cfg(test)]
mod tests;

pub use sleep::sleep;
pub use std::time::{Duration, Instant, SystemTime};
pub use ticker::{Ticker, tick};
pub use timer::{Timer, after, after_func};

/// One nanosecond.
pub const NANOSECOND: Duration = Duration::from_nanos(1);
/// One microsecond.
pub const MICROSECOND: Duration = Duration::from_micros(1);
/// One millisecond.
pub const MILLISECOND: Duration = Duration::from_millis(1);
/// One second.
pub const SECOND: Duration = Duration::from_secs(1);
/// One minute.
pub const MINUTE: Duration = Duration::from_secs(60);
/// One hour.
pub const HOUR: Duration = Duration::from_secs(3600);

/// The current time, on the monotonic clock. Go: `time.Now`.
///
/// In a bubble of [`synctest`](crate::testing::synctest) it is the bubble's time, and so are all times
/// and durations of this module there. ([`Instant::now`] and [`Instant::elapsed`] know nothing of it: use
/// this and [`since`].)
///
/// ```
/// use goroutines::time;
/// assert!(time::now() <= time::now());
/// ```
#[must_use]
pub fn now() -> Instant {
    let clock = Clock::current();
    if clock.bubble() == 0 {
        Instant::now()
    } else {
        instant_at(clock.now())
    }
}

/// The current date, for what [`now`] cannot tell: Go's `time.Now` has both in one value.
///
/// In a bubble of [`synctest`](crate::testing::synctest) it is the bubble's, which starts at midnight UTC,
/// 2000-01-01.
///
/// ```
/// use goroutines::time;
/// let this_century = time::system_now().duration_since(time::SystemTime::UNIX_EPOCH).unwrap();
/// assert!(this_century > 30 * 365 * 24 * time::HOUR);
/// ```
#[must_use]
pub fn system_now() -> SystemTime {
    let clock = Clock::current();
    if clock.bubble() == 0 {
        SystemTime::now()
    } else {
        UNIX_EPOCH + Duration::from_nanos(clock.now().unsigned_abs())
    }
}

/// How long ago `t` was; zero if it is still to come. Go: `time.Since`.
///
/// ```
/// use goroutines::time::{self, SECOND};
/// assert!(time::since(time::now()) < SECOND);
/// ```
#[must_use]
pub fn since(t: Instant) -> Duration {
    now().saturating_duration_since(t)
}

/// How long it is until `t`; zero if it has passed. Go: `time.Until`.
///
/// ```
/// use goroutines::time::{self, HOUR, MINUTE};
/// assert!(time::until(time::now() + HOUR) > 59 * MINUTE);
/// ```
#[must_use]
pub fn until(t: Instant) -> Duration {
    t.saturating_duration_since(now())
}
