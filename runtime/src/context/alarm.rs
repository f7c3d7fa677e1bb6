//! The timer of a deadline.

use super::core::Core;
use super::error::{Cause, ContextError};
use crate::sched::spawn::spawn_system;
use crate::sched::timers::{TimerNode, arm, disarm, nanotime};
use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

/// Cancels a core when its time has come, unless stopped before.
///
/// While it is armed, one reference to `Armed` belongs to the timer: taken back by whoever disarms
/// it, or by `fire`. So the node stays where it is as long as a heap may know it.
pub(super) struct Alarm(Arc<Armed>);

#[repr(C)]
struct Armed {
    // First, so that the node's address is ours.
    node: TimerNode,
    /// Whom to cancel, and why. Belongs to whoever has the timer's reference.
    target: Cell<Option<(Arc<Core>, Option<Cause>)>>,
}

// SAFETY: `target` is only touched by the one that holds the timer's reference; what it contains is
// Send.
unsafe impl Send for Armed {}
// SAFETY: as above.
unsafe impl Sync for Armed {}

impl Alarm {
    pub(super) fn set(after: Duration, core: Arc<Core>, cause: Option<Cause>) -> Self {
        let armed = Arc::new(Armed {
            node: TimerNode::new(fire),
            target: Cell::new(Some((core, cause))),
        });
        let nanos = i64::try_from(after.as_nanos()).unwrap_or(i64::MAX);
        let node = Arc::into_raw(armed.clone()).cast();
        // SAFETY: in no heap yet, and kept by the reference just given away.
        unsafe { arm(node, nanotime().saturating_add(nanos)) };
        Alarm(armed)
    }

    /// Calls it off, if it is not too late.
    pub(super) fn stop(self) {
        // SAFETY: we hold a reference.
        if unsafe { disarm(&raw const self.0.node) } {
            // SAFETY: disarmed, so `fire` will not come for the timer's reference.
            let armed = unsafe { Arc::from_raw(Arc::as_ptr(&self.0)) };
            drop(armed.target.take());
        }
    }
}

/// Runs on an M's own stack: cancelling is left to a goroutine.
///
/// # Safety
/// As `TimerNode` says: called at most once for each arming, with the node armed.
unsafe fn fire(node: *const TimerNode, _due: i64) {
    // SAFETY: the node is the first field of an `Armed` whose reference the timer owns.
    let armed = unsafe { Arc::from_raw(node.cast::<Armed>()) };
    if let Some((core, cause)) = armed.target.take() {
        spawn_system(move || core.cancel(ContextError::DeadlineExceeded, cause));
    }
}
