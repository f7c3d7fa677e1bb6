//! [`Ticker`] and [`tick`].

use crate::chan::{Receiver, TimerChan};
use std::time::{Duration, Instant};

/// Sends the due time on its channel at every tick. Go: `time.Ticker`.
///
/// Ticks that are not received are dropped: at most one waits, and after a slow receiver the next
/// tick comes at the next multiple of the period, so a ticker neither drifts nor catches up by a
/// burst. Dropping the ticker does not stop it. A clone is the same ticker.
///
/// ```
/// use goroutines::time::{Ticker, MILLISECOND};
///
/// let ticker = Ticker::new(MILLISECOND);
/// let first = ticker.c().recv().unwrap();
/// let second = ticker.c().recv().unwrap();
/// assert!(second >= first + MILLISECOND);
/// ticker.stop();
/// ```
#[derive(Clone, Debug)]
pub struct Ticker {
    c: Receiver<Instant>,
}

impl Ticker {
    /// Starts a ticker whose first tick is due after `d`. Go: `time.NewTicker`.
    ///
    /// # Panics
    /// `non-positive interval for NewTicker` if `d` is zero.
    ///
    /// ```
    /// use goroutines::time::{Ticker, MILLISECOND};
    /// let ticker = Ticker::new(MILLISECOND);
    /// assert!(ticker.c().recv().is_some());
    /// ```
    #[must_use]
    #[track_caller]
    pub fn new(d: Duration) -> Self {
        assert!(!d.is_zero(), "non-positive interval for NewTicker");
        Ticker {
            c: TimerChan::start(d, nanos(d)),
        }
    }

    /// The channel on which the ticks are sent. It is never closed, not even by
    /// [`stop`](Self::stop). Go: `t.C`.
    ///
    /// ```
    /// use goroutines::time::{Ticker, HOUR};
    /// assert_eq!(Ticker::new(HOUR).c().cap(), 0);
    /// ```
    pub fn c(&self) -> &Receiver<Instant> {
        &self.c
    }

    /// Stops the ticks; one that is due and was not received is gone too. Go: `t.Stop`.
    ///
    /// ```
    /// use goroutines::chan::TryRecvError;
    /// use goroutines::time::{self, Ticker, MILLISECOND};
    /// let ticker = Ticker::new(MILLISECOND);
    /// time::sleep(2 * MILLISECOND);
    /// ticker.stop();
    /// assert_eq!(ticker.c().try_recv(), Err(TryRecvError::Empty));
    /// ```
    pub fn stop(&self) {
        TimerChan::of(&self.c).map(TimerChan::stop);
    }

    /// Starts anew with the period `d`: the next tick is due after `d`. Go: `t.Reset`.
    ///
    /// # Panics
    /// `non-positive interval for Ticker.Reset` if `d` is zero.
    ///
    /// ```
    /// use goroutines::time::{Ticker, HOUR, MILLISECOND};
    /// let ticker = Ticker::new(HOUR);
    /// ticker.reset(MILLISECOND);
    /// assert!(ticker.c().recv().is_some());
    /// ```
    #[track_caller]
    pub fn reset(&self, d: Duration) {
        assert!(!d.is_zero(), "non-positive interval for Ticker.Reset");
        TimerChan::of(&self.c).map(|t| t.reset(d, nanos(d)));
    }
}

/// The channel of a ticker that is never stopped; nil if `d` is zero. Go: `time.Tick`.
///
/// ```
/// use goroutines::time::{self, Duration, MILLISECOND};
/// assert_eq!(time::tick(MILLISECOND).iter().take(2).count(), 2);
/// assert!(time::tick(Duration::ZERO).is_nil());
/// ```
pub fn tick(d: Duration) -> Receiver<Instant> {
    if d.is_zero() {
        return Receiver::nil();
    }
    TimerChan::start(d, nanos(d))
}

/// A period in the clock's units; one too long to count never ends.
fn nanos(d: Duration) -> i64 {
    i64::try_from(d.as_nanos()).unwrap_or(i64::MAX)
}
