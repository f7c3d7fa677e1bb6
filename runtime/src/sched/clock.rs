//! [`Clock`]: the clock that something goes by.

use super::boot;
use super::family::{self, Bubble, current_id, exist};
use super::wake::timers::{self, Looks, TimerNode, nanotime};
use std::sync::Arc;
use std::time::Duration;

/// The clock that something goes by: the real one, or that of the bubble in which it was made.
#[derive(Clone)]
pub(crate) struct Clock(Option<Arc<Bubble>>);

impl Clock {
    /// The caller's.
    #[inline]
    pub(crate) fn current() -> Clock {
        Clock(if exist() { family::bubble() } else { None })
    }

    /// In nanoseconds; only differences and order have a meaning.
    #[inline]
    pub(crate) fn now(&self) -> i64 {
        match &self.0 {
            None => nanotime(),
            Some(bubble) => bubble.now(),
        }
    }

    /// The due time of something that starts now and takes `d`. Never the end of time, which means "none" to a heap.
    pub(crate) fn due_in(&self, d: Duration) -> i64 {
        let d = i64::try_from(d.as_nanos()).unwrap_or(i64::MAX);
        self.now().saturating_add(d).min(i64::MAX - 1)
    }

    /// The id of its bubble; 0 = the real clock.
    pub(crate) fn bubble(&self) -> u32 {
        self.0.as_ref().map_or(0, |b| b.id)
    }

    /// Is it the clock of a bubble in which the caller is not?
    pub(crate) fn is_foreign(&self) -> bool {
        self.0.as_ref().is_some_and(|b| b.id != current_id())
    }

    /// The real one.
    pub(crate) const fn real() -> Clock {
        Clock(None)
    }

    /// Arms a timer: it will be fired once, not before `when`, unless [`disarm`](timers::disarm) returns `true`.
    ///
    /// # Safety
    /// The node is not armed, and stays where it is until it has been disarmed or fired; and its owner keeps this
    /// clock as long as the node.
    pub(crate) unsafe fn arm(&self, node: *const TimerNode, when: i64, looks: Looks) {
        // SAFETY: forwarded. The goroutine that arms a bubble's timer runs, so the root looks at it later.
        unsafe {
            match &self.0 {
                None => {
                    boot::ensure();
                    timers::arm(node, when, looks);
                }
                Some(bubble) => drop(bubble.timers.insert(node, when)),
            }
        }
    }
}
