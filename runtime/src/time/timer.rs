//! [`Timer`], [`after`] and [`after_func`].

use super::func::FuncTimer;
use crate::chan::{Receiver, TimerChan};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A single event in the future. Go: `time.Timer`.
///
/// A timer made by [`Timer::new`] sends its due time on the channel [`c`](Self::c); one made by
/// [`after_func`] runs a function. Dropping the timer does not stop it. A clone is the same timer.
///
/// ```
/// use goroutines::time::{Timer, HOUR, MILLISECOND};
///
/// let timer = Timer::new(HOUR);
/// assert!(timer.reset(MILLISECOND)); // it was running
/// assert!(timer.c().recv().is_some());
/// assert!(!timer.stop()); // it has been received
/// ```
#[derive(Clone)]
pub struct Timer {
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Chan(Receiver<Instant>),
    Func(Arc<FuncTimer>),
}

/// What [`Timer::c`] of a function's timer is.
static NIL: Receiver<Instant> = Receiver::nil();

impl Timer {
    /// Starts a timer that sends its due time on its channel after at least `d`. Go: `time.NewTimer`.
    ///
    /// ```
    /// use goroutines::time::{self, Timer, MILLISECOND};
    /// let timer = Timer::new(MILLISECOND);
    /// let due = timer.c().recv().unwrap();
    /// assert!(due <= time::now());
    /// ```
    #[must_use]
    pub fn new(d: Duration) -> Self {
        Timer {
            kind: Kind::Chan(TimerChan::start(d, 0)),
        }
    }

    /// The channel on which the due time is sent, once for each start. It is never closed. The timer
    /// of [`after_func`] has the nil channel. Go: `t.C`.
    ///
    /// ```
    /// use goroutines::time::{after_func, Timer, HOUR};
    /// let timer = Timer::new(HOUR);
    /// assert_eq!((timer.c().len(), timer.c().cap()), (0, 0));
    /// assert!(after_func(HOUR, || {}).c().is_nil());
    /// ```
    pub fn c(&self) -> &Receiver<Instant> {
        match &self.kind {
            Kind::Chan(c) => c,
            Kind::Func(_) => &NIL,
        }
    }

    /// Stops the timer. `true` if that has prevented something: the time that has not been received
    /// yet, even if it was due, will not be received any more; the function will not be run. `false`
    /// if it had been received, the function had been started (it may still run), or the timer had
    /// been stopped. Go: `t.Stop`.
    ///
    /// ```
    /// use goroutines::time::{Timer, HOUR};
    /// let timer = Timer::new(HOUR);
    /// assert!(timer.stop());
    /// assert!(!timer.stop());
    /// ```
    pub fn stop(&self) -> bool {
        match &self.kind {
            Kind::Chan(c) => TimerChan::of(c).is_some_and(TimerChan::stop),
            Kind::Func(f) => f.stop(),
        }
    }

    /// Stops it for a caller that has no use for it any more: from outside its bubble, too.
    pub(crate) fn let_go(&self) {
        match &self.kind {
            Kind::Chan(_) => {}
            Kind::Func(f) => f.let_go(),
        }
    }

    /// Starts the timer anew, to be due after `d`, and returns what [`stop`](Self::stop) would have:
    /// whether it was running. Nothing from before will be received; a function that has been run
    /// will be run again. Go: `t.Reset`.
    ///
    /// ```
    /// use goroutines::time::{Timer, HOUR, MILLISECOND};
    /// let timer = Timer::new(HOUR);
    /// timer.reset(MILLISECOND);
    /// assert!(timer.c().recv().is_some());
    /// ```
    pub fn reset(&self, d: Duration) -> bool {
        match &self.kind {
            Kind::Chan(c) => TimerChan::of(c).is_some_and(|t| t.reset(d, 0)),
            Kind::Func(f) => f.reset(d),
        }
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Chan(_) => "Timer(channel)",
            Kind::Func(_) => "Timer(function)",
        })
    }
}

/// A channel that delivers its due time after at least `d`. Go: `time.After`.
///
/// ```
/// use goroutines::{chan::Chan, select};
/// use goroutines::time::{self, MILLISECOND};
///
/// let answers = Chan::<u32>::new(0);
/// let late = select! {
///     _ = <-answers => false,
///     _ = <-time::after(2 * MILLISECOND) => true,
/// };
/// assert!(late);
/// ```
pub fn after(d: Duration) -> Receiver<Instant> {
    TimerChan::start(d, 0)
}

/// Runs `f` in a goroutine of its own after at least `d`. Go: `time.AfterFunc`.
///
/// [`Timer::stop`] can prevent it, [`Timer::reset`] puts it off, or, after it has run, orders it
/// again, which is why `f` is `FnMut`. Unlike in Go two runs of `f` never overlap: the second waits. A
/// panic in `f` ends the process, as in any goroutine.
///
/// ```
/// use goroutines::chan;
/// use goroutines::time::{self, MILLISECOND};
///
/// let (tx, rx) = chan::channel(1);
/// let timer = time::after_func(MILLISECOND, move || tx.send("now"));
/// assert_eq!(rx.recv(), Some("now"));
/// assert!(!timer.stop()); // too late
/// ```
#[track_caller]
pub fn after_func(d: Duration, f: impl FnMut() + Send + 'static) -> Timer {
    Timer {
        kind: Kind::Func(FuncTimer::start(d, Box::new(f))),
    }
}
