//! What `net` asks of the layers below, in one place.

pub(crate) use crate::netpoll::{Direction, PollDesc};
pub(crate) use crate::sched::boot::ensure as boot;
pub(crate) use crate::sched::park::{WaitReason, Waiter, park, ready};
pub(crate) use crate::sched::syscall::blocking;
pub(crate) use crate::sched::timers::{TimerNode, arm, disarm, nanotime};
pub(crate) use crate::sync::Mutex;
pub(crate) use crate::sys::spin::SpinLock;

/// Lets the caller wait for `d`.
pub(crate) fn sleep(d: std::time::Duration) {
    /// On the sleeper's stack; the timer comes first.
    #[repr(C)]
    struct Sleeper(TimerNode, Waiter, i64);
    unsafe fn wake(node: *const TimerNode, _due: i64) {
        // SAFETY: the node is the first field of a sleeper, whose owner is parked.
        let waiter = unsafe { (*node.cast::<Sleeper>()).1 };
        // SAFETY: this timer is the only one to wake it.
        unsafe { ready(waiter) };
    }
    unsafe fn commit(sleeper: *mut ()) -> bool {
        let sleeper: *const Sleeper = sleeper.cast();
        // SAFETY: the sleeper stays where it is until it was woken; the timer is not armed.
        unsafe { arm(&raw const (*sleeper).0, (*sleeper).2) };
        true
    }
    let due = nanotime().saturating_add(d.as_nanos().min(i64::MAX as u128) as i64);
    let mut sleeper = Sleeper(TimerNode::new(wake), Waiter::current(), due);
    // SAFETY: arming neither parks nor runs anybody's code.
    unsafe { park(WaitReason::Sleep, commit, (&raw mut sleeper).cast()) };
}
