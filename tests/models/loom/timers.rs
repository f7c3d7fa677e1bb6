//! Arming a timer beside the M that blocks in the poller: the very file `sched/state/poll_mark.rs` (README.md,
//! "Falling asleep").
//!
//! Proves: whoever blocks in the poller has seen every timer, or is woken. (If the armer sees nobody
//! there it wakes an M, which is not even needed for this.) Two heaps: one is armed by a goroutine
//! that wakes whom it must, the other by a goroutine that parks right away, whose M looks before it
//! sleeps.

use super::sys::Part;
use super::{check, must_fail, must_fail_without};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use loom::thread;

#[allow(dead_code, unreachable_pub)]
#[path = "../../../runtime/src/sched/state/poll_mark.rs"]
mod poll_mark;
use poll_mark::{PollMark, Wake};

/// No timer; no limit.
const NEVER: i64 = i64::MAX;

/// Faults that the model must notice, beside those of [`Part`].
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// The M that parks sleeps without a look at the poller.
    DoesNotLook,
    /// The M looks at the timers before it marks itself.
    LooksTooEarly,
}

struct Model {
    /// The first due time of each heap.
    first: [AtomicI64; 2],
    mark: PollMark,
    /// `netpoll::wake` was called: the poll ends at once.
    woken: AtomicBool,
    /// Until when somebody sleeps in the poller; 0 = nobody does.
    sleeps_until: AtomicI64,
    fault: Fault,
}

impl Model {
    fn first(&self) -> i64 {
        let a = self.first[0].load(Ordering::Relaxed);
        a.min(self.first[1].load(Ordering::Relaxed))
    }

    fn wake(&self, wake: Wake) {
        if wake == Wake::Poller {
            self.woken.store(true, Ordering::Relaxed);
        }
    }

    /// `timers::arm`.
    fn arm(&self, heap: usize, when: i64) {
        self.first[heap].store(when, Ordering::Relaxed);
        self.wake(self.mark.armed(when));
    }

    /// `timers::arm_before_park`, and then the M that finds nothing else to do.
    fn arm_and_park(&self, heap: usize, when: i64) {
        self.first[heap].store(when, Ordering::Relaxed);
        if self.fault != Fault::DoesNotLook {
            self.wait_for_network();
        }
    }

    /// `turn::sleep::wait_for_network`.
    fn wait_for_network(&self) {
        if let Some(wake) = self.mark.is_taken(|| self.first()) {
            return self.wake(wake);
        }
        let early = self.first();
        if !self.mark.begin() {
            return;
        }
        let first = match self.fault {
            Fault::LooksTooEarly => early,
            _ => self.first(),
        };
        self.mark.blocks_until(first);
        self.sleeps_until.store(first, Ordering::Relaxed);
    }
}

fn model(fault: Fault, other: fn(&Model)) {
    let m = Arc::new(Model {
        first: [AtomicI64::new(NEVER), AtomicI64::new(NEVER)],
        mark: PollMark::new(),
        woken: AtomicBool::new(false),
        sleeps_until: AtomicI64::new(0),
        fault,
    });
    let poller = thread::spawn({
        let m = m.clone();
        move || m.wait_for_network()
    });
    other(&m);
    poller.join().unwrap();
    let asleep_too_long = m.sleeps_until.load(Ordering::Relaxed) > m.first();
    assert!(
        !asleep_too_long || m.woken.load(Ordering::Relaxed),
        "a timer that nobody waits for"
    );
}

fn arm(m: &Model) {
    m.arm(0, 5);
    m.arm(1, 3);
}

fn arm_and_park(m: &Model) {
    m.arm_and_park(0, 5);
}

#[test]
fn a_timer_is_seen_by_the_poller_or_its_armer_sees_the_poller() {
    check(3, || model(Fault::None, arm));
}

#[test]
fn a_timer_armed_before_a_park_is_seen_by_the_poller_or_by_its_own_m() {
    check(3, || model(Fault::None, arm_and_park));
}

#[test]
fn the_faults_are_noticed() {
    must_fail_without(Part::Fence, 3, || model(Fault::None, arm));
    must_fail_without(Part::Fence, 3, || model(Fault::None, arm_and_park));
    must_fail(3, || model(Fault::LooksTooEarly, arm));
    must_fail(3, || model(Fault::DoesNotLook, arm_and_park));
}
