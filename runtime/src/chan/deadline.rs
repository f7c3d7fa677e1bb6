//! The alarm of a select with a deadline.
//!
//! It lies in the frame of the select that set it. It rings in the scheduler, at any time after it
//! was set, and then tries to win the select's [`Winner`] word like anybody who serves an arm. The
//! frame must not go before it is certain that the alarm will not touch it again: [`Alarm::cancel`]
//! takes it out of its heap, or waits for the ring that is already on its way, which is a matter of
//! a few instructions on another thread.

use super::rt::{AtomicBool, Clock, Ordering, TimerNode, Waiter, disarm, pause, ready};
use super::winner::{Alarmed, Winner};

#[repr(C)]
pub(super) struct Alarm {
    /// First: the heap knows the alarm by it.
    node: TimerNode,
    winner: *const Winner,
    waiter: Waiter,
    /// The alarm rang too late and is through.
    done: AtomicBool,
}

impl Alarm {
    pub(super) fn new(winner: *const Winner, waiter: Waiter) -> Self {
        Alarm {
            node: TimerNode::new(ring),
            winner,
            waiter,
            done: AtomicBool::new(false),
        }
    }

    /// Sets it; with no lock held.
    ///
    /// # Safety
    /// The alarm, its winner and `clock` stay until [`cancel`](Self::cancel) has returned.
    pub(super) unsafe fn set(this: *const Alarm, clock: &Clock, when: i64) {
        // SAFETY: the node is new, and stays by the caller's promise.
        unsafe { clock.arm(&raw const (*this).node, when) };
    }

    /// From now on it does not touch the frame.
    ///
    /// # Safety
    /// The alarm was set; the select is over.
    pub(super) unsafe fn cancel(this: *const Alarm) {
        // SAFETY: alive, by the promise to `set`.
        unsafe {
            if disarm(&(*this).node) {
                return;
            }
            let mut round = 0;
            // Acquire pairs with the store in `ring`, and with `Winner::time_out`.
            while !(*this).done.load(Ordering::Acquire) && !(*(*this).winner).is_timed_out() {
                pause(round);
                round += 1;
            }
        }
    }
}

/// # Safety
/// Called by the heap, once.
unsafe fn ring(node: *const TimerNode, _due: i64) {
    let alarm = node.cast::<Alarm>();
    // SAFETY: the frame stays until one of the three lines below has let it go: `Early`, by the CAS;
    // `Parked`, by `ready`; `TooLate`, by the store.
    unsafe {
        let waiter = (*alarm).waiter;
        match (*(*alarm).winner).time_out() {
            Alarmed::Early => {}
            Alarmed::Parked => ready(waiter),
            Alarmed::TooLate => (*alarm).done.store(true, Ordering::Release),
        }
    }
}
