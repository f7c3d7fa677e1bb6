//! Arming a timer beside the M that blocks in the poller (`sched/timers.rs`, `sleep::wait_for_network`;
//! README.md, "Falling asleep").
//!
//! Proves: whoever blocks in the poller has seen every timer, or is woken. (If the armer sees nobody
//! there it wakes an M, which is not even needed for this.) Two heaps: one is armed by a goroutine
//! that wakes whom it must, the other by a goroutine that parks right away, whose M looks before it
//! sleeps.

use super::{check, must_fail};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use loom::thread;

/// No timer; no limit.
const NEVER: usize = 1000;

/// Faults that the model must notice.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// The armer has no fence between the heap and its look at the poller.
    NoArmFence,
    /// The poller has none between its mark and its look at the heaps.
    NoPollFence,
    /// The M that parks has none.
    NoParkFence,
    /// A poller that has not said until when it sleeps is taken for one that sleeps briefly.
    UnknownIsSoon,
}

struct Model {
    /// The first due time of each heap.
    first: [AtomicUsize; 2],
    /// `last_poll == 0`.
    polling: AtomicBool,
    /// 0 = unknown.
    poll_until: AtomicUsize,
    /// `netpoll::wake` was called: the poll ends at once.
    woken: AtomicBool,
    /// Until when somebody sleeps in the poller; `NEVER` + 1 = nobody does.
    sleeps_until: AtomicUsize,
    fault: Fault,
}

impl Model {
    fn first(&self) -> usize {
        let a = self.first[0].load(Ordering::Relaxed);
        a.min(self.first[1].load(Ordering::Relaxed))
    }

    /// `timers::arm`, `wake_poller`.
    fn arm(&self, heap: usize, when: usize) {
        self.first[heap].store(when, Ordering::Relaxed);
        if self.fault != Fault::NoArmFence {
            fence(Ordering::SeqCst);
        }
        if self.polling.load(Ordering::Relaxed) {
            let until = self.poll_until.load(Ordering::Relaxed);
            if until == 0 || until > when {
                self.woken.store(true, Ordering::Relaxed);
            }
        }
    }

    /// `timers::arm_before_park`, and then the M that finds nothing else to do.
    fn arm_and_park(&self, heap: usize, when: usize) {
        self.first[heap].store(when, Ordering::Relaxed);
        self.wait_for_network();
    }

    fn wait_for_network(&self) {
        if self.fault != Fault::NoParkFence {
            fence(Ordering::SeqCst);
        }
        if self.polling.load(Ordering::Relaxed) {
            let until = self.poll_until.load(Ordering::Relaxed);
            let first = self.first();
            let unknown = until == 0 && self.fault != Fault::UnknownIsSoon;
            if first != NEVER && (unknown || first < until) {
                self.woken.store(true, Ordering::Relaxed);
            }
            return;
        }
        if self.polling.swap(true, Ordering::AcqRel) {
            return;
        }
        if self.fault != Fault::NoPollFence {
            fence(Ordering::SeqCst);
        }
        let first = self.first();
        self.poll_until.store(first, Ordering::Relaxed);
        self.sleeps_until.store(first, Ordering::Relaxed);
    }
}

fn model(fault: Fault, other: fn(&Model)) {
    let m = Arc::new(Model {
        first: [AtomicUsize::new(NEVER), AtomicUsize::new(NEVER)],
        polling: AtomicBool::new(false),
        poll_until: AtomicUsize::new(0),
        woken: AtomicBool::new(false),
        sleeps_until: AtomicUsize::new(NEVER + 1),
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
    must_fail(3, || model(Fault::NoArmFence, arm));
    must_fail(3, || model(Fault::NoPollFence, arm));
    must_fail(3, || model(Fault::NoPollFence, arm_and_park));
    must_fail(3, || model(Fault::NoParkFence, arm_and_park));
    must_fail(3, || model(Fault::UnknownIsSoon, arm_and_park));
}
