//! The alarm of a select with a deadline.
//!
//! It lies in the frame of the select that set it. It rings in the scheduler, at any time after it
//! was set, and then tries to win the select's [`Winner`](super::winner::Winner) word like any other goroutine that
//! serves an arm. The frame must not go away before it is certain that the alarm will not touch it again:
//! [`Alarm::around`] takes it out of its heap at the end, or waits for the ring that is already on its way, which is a
//! matter of a few instructions on another thread.

use super::rt::{AtomicBool, Clock, Looks, Ordering, TimerNode, disarm, pause};
use super::winner::{Alarmed, EarlyWinner};
use std::ptr;

#[repr(C)]
pub(super) struct Alarm<'a> {
    /// First: the heap knows the alarm by it.
    node: TimerNode,
    winner: &'a EarlyWinner,
    /// The alarm rang too late and is finished.
    done: AtomicBool,
}

impl<'a> Alarm<'a> {
    pub(super) fn new(winner: &'a EarlyWinner) -> Self {
        Alarm {
            node: TimerNode::new(ring),
            winner,
            done: AtomicBool::new(false),
        }
    }

    /// Runs `f`, the select, while the alarm is set. With no lock held. (In line, since a parked goroutine pays for
    /// each frame.)
    #[inline(always)]
    pub(super) fn around<R>(&mut self, clock: &Clock, when: i64, f: impl FnOnce() -> R) -> R {
        /// However `f` ends.
        struct Set<'s, 'a>(&'s Alarm<'a>);
        impl Drop for Set<'_, '_> {
            fn drop(&mut self) {
                self.0.cancel();
            }
        }
        *self.done.get_mut() = false;
        let this = &*self;
        // A pointer to the whole alarm, which `ring` reaches by it.
        let node = ptr::from_ref(this).cast::<TimerNode>();
        // SAFETY: in no heap, and all stays until it has been cancelled, below.
        unsafe { clock.arm(node, when, Looks::Nobody) };
        let _set = Set(this);
        f()
    }

    /// From now on the alarm does not touch the frame.
    fn cancel(&self) {
        if disarm(&self.node) {
            return;
        }
        let mut round = 0;
        // Acquire pairs with the store in `ring`, and with `Winner::time_out`.
        while !self.done.load(Ordering::Acquire) && !self.winner.is_timed_out() {
            pause(round);
            round += 1;
        }
    }
}

/// # Safety
/// Called by the heap, once.
unsafe fn ring(node: *const TimerNode, _due: i64) {
    let alarm = node.cast::<Alarm<'_>>();
    // SAFETY: the frame stays until one of the three lines below has let it go: `Early`, by the CAS;
    // `Parked`, by `wake`; `TooLate`, by the store.
    unsafe {
        match (*alarm).winner.time_out() {
            Alarmed::Early => {}
            Alarmed::Parked(waiter) => waiter.wake(),
            Alarmed::TooLate => (*alarm).done.store(true, Ordering::Release),
        }
    }
}
