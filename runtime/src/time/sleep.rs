//! [`sleep`].

use crate::chan::deadline;
use crate::panic::before_block;
use crate::sched::Clock;
use crate::sched::TimerNode;
use crate::sched::{WaitReason, Waiter, park, ready};
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
    let clock = Clock::current();
    let mut sleeper = Sleeper {
        node: TimerNode::new(wake_up),
        waiter: Waiter::current(),
        when: deadline(&clock, d),
        clock,
    };
    // SAFETY: the commit arms a timer, whose heap may grow, and runs no code of the user's.
    unsafe { park(WaitReason::Sleep, fall_asleep, (&raw mut sleeper).cast()) };
}

/// In the frame of one who sleeps.
#[repr(C)]
struct Sleeper {
    /// First: the heap knows the sleeper by it.
    node: TimerNode,
    waiter: Waiter,
    when: i64,
    clock: Clock,
}

/// Sets the timer once the stack has been left, since it may be due at once.
unsafe fn fall_asleep(sleeper: *mut ()) -> bool {
    let sleeper = sleeper.cast::<Sleeper>();
    // SAFETY: the frame waits until `wake_up` has been called, which the timer does once.
    unsafe {
        let clock = &(*sleeper).clock;
        clock.arm_before_park(&raw const (*sleeper).node, (*sleeper).when);
    }
    true
}

/// The timer is due.
unsafe fn wake_up(node: *const TimerNode, _due: i64) {
    // SAFETY: the sleeper is parked, and nobody else knows of it.
    unsafe { ready((*node.cast::<Sleeper>()).waiter) }
}
