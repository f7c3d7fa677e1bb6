//! The timer of [`after_func`](super::after_func): no channel, a function to be run.
//!
//! Invariants, under the lock: `when` is 0 or the due time of a run to come; the node is armed exactly
//! if `when` is not 0, except between a heap taking the node out and the call of `fire` that follows.
//! Such a call may also come when the timer was stopped or set anew meanwhile, so it decides by `when`
//! and the clock. Each armed node owns one count of the [`Arc`], which the call of `fire`, or the
//! disarming that prevents it, takes over.
//!
//! The function lies behind a mutex, in which goroutines may wait: if it is due again before it has
//! returned, the second run follows the first.

use crate::sched::Clock;
use crate::sched::origin;
use crate::sched::throw;
use crate::sched::{Looks, TimerNode, disarm};
use crate::sched::{Options, spawn, spawn_system};
use crate::sync::Mutex;
use crate::sys::spin::SpinMutex;
use std::mem::offset_of;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

pub(super) struct FuncTimer {
    when: SpinMutex<i64>,
    node: TimerNode,
    /// The clock that it goes by.
    clock: Clock,
    f: Mutex<Box<dyn FnMut() + Send>>,
    /// Where the timer was made, which is where its goroutines come from.
    made_at: &'static Location<'static>,
    /// The origin of its goroutines: that of the goroutine that made it.
    origin: u32,
}

impl FuncTimer {
    #[track_caller]
    pub(super) fn start(d: Duration, f: Box<dyn FnMut() + Send>) -> Arc<Self> {
        let timer = Arc::new(FuncTimer {
            when: SpinMutex::new(0),
            node: TimerNode::new(fire),
            clock: Clock::current(),
            f: Mutex::new(f),
            made_at: Location::caller(),
            origin: origin::current(),
        });
        timer.set(timer.clock.due_in(d));
        timer
    }

    /// `true` if it has prevented a run.
    pub(super) fn stop(self: &Arc<Self>) -> bool {
        if self.clock.is_foreign() {
            throw("stop of synctest timer from outside bubble");
        }
        self.set(0)
    }

    /// [`stop`](Self::stop) by a caller that only lets go of it, wherever that happens.
    pub(super) fn let_go(self: &Arc<Self>) {
        self.set(0);
    }

    /// `true` if it has put off a run, `false` if it has ordered a new one.
    pub(super) fn reset(self: &Arc<Self>, d: Duration) -> bool {
        if self.clock.is_foreign() {
            throw("reset of synctest timer from outside bubble");
        }
        self.set(self.clock.due_in(d))
    }

    fn set(self: &Arc<Self>, when: i64) -> bool {
        let mut armed = self.when.lock();
        let was_running = std::mem::replace(&mut *armed, when) != 0;
        // SAFETY: alive. If disarmed, the node's count is ours; it is not the last, `self` is another.
        // Armed again with a count of its own, which keeps it until `fire`.
        unsafe {
            if disarm(&self.node) {
                Arc::decrement_strong_count(Arc::as_ptr(self));
            }
            if when != 0 && !self.is_due_in_bubble(when) {
                let this = Arc::into_raw(self.clone());
                (*this)
                    .clock
                    .arm(&raw const (*this).node, when, Looks::Nobody);
            }
        }
        drop(armed);
        if when != 0 && self.is_due_in_bubble(when) && self.take_run() {
            self.clone().run();
        }
        was_running
    }

    /// A bubble's timers are looked at when all its goroutines wait; what is due at once must not wait
    /// for that.
    fn is_due_in_bubble(&self, when: i64) -> bool {
        self.clock.bubble() != 0 && when <= self.clock.now()
    }

    /// Starts the goroutine that runs the function.
    fn run(self: Arc<Self>) {
        let (made_at, options) = (self.made_at, self.options());
        spawn(move || self.f.lock()(), options, made_at);
    }

    fn options(&self) -> Options {
        Options {
            origin: self.origin,
            ..Options::new()
        }
    }

    /// In `fire`: is a run due? Then it is taken.
    fn take_run(self: &Arc<Self>) -> bool {
        let mut when = self.when.lock();
        let due = *when != 0 && *when <= self.clock.now();
        if due {
            *when = 0;
            if disarm(&self.node) {
                // SAFETY: as in `set`.
                unsafe { Arc::decrement_strong_count(Arc::as_ptr(self)) };
            }
        }
        due
    }
}

/// The node is due. Runs in the scheduler, so the function, and dropping it, are left to goroutines.
///
/// # Safety
/// Called by the heap, once for each time that the node was armed.
unsafe fn fire(node: *const TimerNode, _due: i64) {
    // SAFETY: the node lies in a `FuncTimer` in an `Arc`, of which this call owns a count.
    let timer = unsafe {
        let this = node.byte_sub(offset_of!(FuncTimer, node));
        Arc::from_raw(this.cast::<FuncTimer>())
    };
    if timer.take_run() {
        timer.run();
    } else if timer.clock.bubble() == 0 {
        spawn_system(move || drop(timer));
    } else {
        // What the function owns is the bubble's, and is dropped there.
        let (made_at, options) = (timer.made_at, timer.options());
        spawn(move || drop(timer), options, made_at);
    }
}
