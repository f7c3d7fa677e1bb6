//! [`sleep`].

use crate::panic::before_block;
use crate::sched::Clock;
use crate::sched::{Looks, TimerNode};
use crate::sched::{WaitReason, Waiter, park, ready};
use crate::switch::away;
use std::time::Duration;

/// Pauses the calling goroutine for at least `d`; zero returns at once. Go: `time.Sleep`.
///
/// A `d` too long for the clock sleeps for centuries.
///
/// # Suspends
/// Unless `d` is zero.
///
/// ```
/// use goroutines::time::{self, MILLISECOND};
/// let start = time::now();
/// time::sleep(2 * MILLISECOND);
/// assert!(time::since(start) >= 2 * MILLISECOND);
/// ```
pub fn sleep(d: Duration) {
    if d.is_zero() {
        return;
    }
    before_block();
    let _away = away();
    let clock = Clock::current();
    let mut sleeper = Sleeper {
        node: TimerNode::new(wake_up),
        waiter: Waiter::current(),
        when: clock.due_in(d),
        clock,
    };
    let sleeper = &raw mut sleeper;
    // SAFETY: the commit arms a timer, whose heap may grow, and runs no code of the user's. The frame waits until
    // `wake_up` has been called, which the timer does once: maybe at once, so it is set when the stack has been left.
    unsafe {
        park(WaitReason::Sleep, move || {
            let clock = &(*sleeper).clock;
            clock.arm(&raw const (*sleeper).node, (*sleeper).when, Looks::ItsM);
            true
        });
    }
}

/// In the sleeper's frame.
#[repr(C)]
struct Sleeper {
    /// First: the heap knows the sleeper by it.
    node: TimerNode,
    waiter: Waiter,
    when: i64,
    clock: Clock,
}

/// The timer is due.
unsafe fn wake_up(node: *const TimerNode, _due: i64) {
    // SAFETY: the sleeper is parked, and no other waker knows of it.
    unsafe { ready((*node.cast::<Sleeper>()).waiter) }
}
