//! Tests with a clock of their own (Go's `testing/synctest`).
//!
//! [`test`](test()) runs a function in a **bubble**: all goroutines that it starts, and that those start, belong
//! to it. In a bubble the functions of [`time`] go by a fake clock, which starts at midnight
//! UTC, 2000-01-01, and moves only when every goroutine of the bubble is *durably blocked*: then it jumps
//! to the moment when the first of them is to go on. So a test of timeouts takes no time, and gives the
//! same result each time.
//!
//! ```
//! use goroutines::prelude::*;
//! use goroutines::testing::synctest;
//! use goroutines::time::{self, HOUR, SECOND};
//!
//! synctest::test(|| {
//!     let start = time::now();
//!     let (ctx, _cancel) = context::with_timeout(&context::background(), HOUR);
//!     time::sleep(HOUR - SECOND);
//!     synctest::wait();
//!     assert!(ctx.err().is_none());
//!     synctest::sleep(SECOND);
//!     assert!(ctx.err().is_some());
//!     assert_eq!(time::since(start), HOUR);
//! });
//! ```
//!
//! # Durably blocked
//!
//! is a goroutine whose wait only another one of the bubble can end, or the bubble's clock:
//!
//! * a send or receive on a channel made in the bubble, a `select!` all of whose channels are; anything
//!   on a nil channel; an empty `select!`
//! * [`WaitGroup::wait`](crate::sync::WaitGroup::wait), if the counter was raised in the bubble
//! * [`Cond::wait`](crate::sync::Cond::wait)
//! * [`time::sleep`]
//! * joining a goroutine of the bubble, the end of a [`scope`](crate::scope())
//!
//! Everything else is not: a [`Mutex`](crate::sync::Mutex), input and output, a system call, a
//! [`block_on`](crate::block_on()). Use [`net::pipe`](crate::net::pipe) for a network.
//!
//! When all are durably blocked, [`wait`] returns, if a goroutine has called it; else the clock moves on,
//! if there is a timer and the test's own goroutine has not ended; else [`test`](test()) panics.
//!
//! # Isolation
//!
//! To send, receive, select or close on a channel of a bubble from outside of it is a fatal error (`send on
//! synctest channel from outside bubble`, ..), as is to stop or reset its timers or to wake one of its goroutines
//! by a `Cond`. A [`WaitGroup`](crate::sync::WaitGroup) belongs to the bubble that raises it from zero;
//! adding to it from elsewhere is fatal too. Letting go of the last handle of a channel is not.
//!
//! Only [`crate::time`] goes by the clock: [`std::time::Instant::now`] and [`Instant::elapsed`] tell the
//! real time, and so do sockets: a deadline made of [`time::now`] in a bubble is years away
//! for them. Moments of the bubble and moments of the real clock have nothing to do with each other.
//!
//! # What it costs
//!
//! The bubble is kept in the goroutine's cold part, and a channel knows the number of its bubble. A
//! goroutine that is in no bubble tests one bit of its flags when it parks, is made ready, starts or ends,
//! and one word beside the channel's lock, which it has just taken; that is all. A goroutine in a bubble
//! takes one more lock when it parks durably and when it is made ready.
//!
//! [`Instant::elapsed`]: std::time::Instant::elapsed

use crate::join::spawn;
use crate::panic::{Goexit, Payload, unwind_again};
use crate::sched::family::{self};
use crate::sched::family::{Bubble, End};
use crate::sched::{current_g, goroutines};
use crate::switch::away;
use crate::time;
use std::sync::Arc;
use std::time::Duration;

/// Runs `f` in a goroutine of a new bubble, waits until all goroutines of the bubble have ended, and
/// returns what `f` returned. Go: `synctest.Test`.
///
/// # Panics
/// With the panic of `f`; `goroutine exited` if it ended by [`goexit`](crate::runtime::goexit).
///
/// `deadlock: all goroutines in bubble are blocked` or `deadlock: main bubble goroutine has exited but
/// blocked goroutines remain`; the blocked goroutines are listed on stderr. They stay blocked.
///
/// `synctest.Run called from within a synctest bubble`.
///
/// # Suspends
/// Until the test is over.
///
/// ```
/// use goroutines::testing::synctest;
/// use goroutines::time::{self, SECOND, SystemTime};
///
/// let slept = synctest::test(|| {
///     let start = time::system_now();
///     assert_eq!(start.duration_since(SystemTime::UNIX_EPOCH).unwrap(), 946_684_800 * SECOND);
///     time::sleep(24 * time::HOUR);
///     time::system_now().duration_since(start).unwrap()
/// });
/// assert_eq!(slept, 86_400 * SECOND);
/// ```
#[track_caller]
pub fn test<F, R>(f: F) -> R
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    in_bubble(Bubble::new(None), f).unwrap_or_else(|failed| failed.resume())
}

/// How a test in a bubble failed.
pub(super) enum Failed {
    Panic(Payload),
    /// By `goexit`.
    Exit,
    /// Go's text.
    Deadlock(&'static str),
}

impl Failed {
    /// Lets the caller fail in the same way.
    #[cold]
    #[track_caller]
    pub(super) fn resume(self) -> ! {
        match self {
            Failed::Panic(payload) => unwind_again(payload),
            Failed::Exit => panic!("goroutine exited"),
            Failed::Deadlock(text) => panic!("{text}"),
        }
    }
}

/// Runs `f` as the main goroutine of a new bubble, to the end of all its goroutines.
#[track_caller]
pub(super) fn in_bubble<F, R>(bubble: Arc<Bubble>, f: F) -> Result<R, Failed>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    if current_g().is_none() {
        return crate::entry::run(|| in_bubble(bubble, f));
    }
    if family::bubble().is_some() {
        panic!("synctest.Run called from within a synctest bubble");
    }
    let family = family::family(Some(bubble.clone()));
    // The root sleeps while the bubble runs.
    let away = away();
    let entered = family::enter(family.clone());
    let main = spawn(f);
    let end = bubble.drive();
    drop(entered);
    drop(away);
    let text = match end {
        End::AllBlocked => "deadlock: all goroutines in bubble are blocked",
        End::LeftBlocked | End::Empty => {
            // A panic of the test says more than that others were left.
            match main.join() {
                Ok(result) if end == End::Empty => return Ok(result),
                Ok(_) => "deadlock: main bubble goroutine has exited but blocked goroutines remain",
                Err(p) if p.is::<Goexit>() => return Err(Failed::Exit),
                Err(p) => return Err(Failed::Panic(p.into_payload())),
            }
        }
    };
    eprintln!("{text}\n{}", goroutines::some(&family.members()));
    Err(Failed::Deadlock(text))
}

/// Blocks until every other goroutine of the caller's bubble is durably blocked or has ended. Go:
/// `synctest.Wait`.
///
/// What they did before happens before its return.
///
/// # Panics
/// `goroutine is not in a bubble`; `wait already in progress` if another goroutine of the bubble is in a
/// `wait`.
///
/// # Suspends
/// While another goroutine of the bubble runs.
///
/// ```
/// use goroutines::{go, testing::synctest};
/// use std::sync::{Arc, atomic::{AtomicBool, Ordering}};
///
/// synctest::test(|| {
///     let done = Arc::new(AtomicBool::new(false));
///     go!([done], { done.store(true, Ordering::Relaxed) });
///     synctest::wait();
///     assert!(done.load(Ordering::Relaxed));
/// });
/// ```
#[track_caller]
pub fn wait() {
    let Some(bubble) = family::bubble() else {
        panic!("goroutine is not in a bubble");
    };
    bubble.wait();
}

/// Sleeps for `d`, and then until every other goroutine of the bubble is durably blocked:
/// [`time::sleep`] and [`wait`]. Go: `synctest.Sleep`.
///
/// If the test and what it tests sleep until the same moment, nothing decides which of them goes on
/// first. This lets the others settle first.
///
/// # Panics
/// As [`wait`].
///
/// # Suspends
/// Always.
///
/// ```
/// use goroutines::testing::synctest;
/// use goroutines::time::{self, SECOND};
/// use std::sync::{Arc, atomic::{AtomicU32, Ordering}};
///
/// synctest::test(|| {
///     let n = Arc::new(AtomicU32::new(0));
///     let counter = n.clone();
///     time::after_func(SECOND, move || { counter.fetch_add(1, Ordering::Relaxed); });
///     synctest::sleep(SECOND);
///     assert_eq!(n.load(Ordering::Relaxed), 1);
/// });
/// ```
#[track_caller]
pub fn sleep(d: Duration) {
    time::sleep(d);
    wait();
}
