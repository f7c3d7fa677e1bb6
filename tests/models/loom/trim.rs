//! Trimming the stack of a goroutine that waits: the very file `sched/state/held.rs`.
//!
//! Proves: sysmon and who resumes the goroutine never use its stack at once, although resuming is a plain store and a
//! load; and whoever waits for sysmon sees what it has done. loom watches the stack: a plain cell.

use super::sys::Part;
use super::{check, must_fail, must_fail_without};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

#[allow(dead_code, unreachable_pub)]
#[path = "../../../runtime/src/sched/state/held.rs"]
mod held;
use held::Held;

/// Faults that the model must notice, beside those of [`Part`].
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// sysmon does not look whether the goroutine waits once it holds it.
    NoSecondLook,
    /// Who resumes it does not look.
    NoLook,
    /// Who resumes it does so first, and says so afterwards.
    LateStatus,
}

const G: usize = 64;
const WAITING: usize = 0;
const RUNNING: usize = 1;

struct Model {
    held: Held,
    status: AtomicUsize,
    stack: UnsafeCell<usize>,
}

impl Model {
    fn use_stack(&self) {
        // SAFETY: the pointer is the cell's; loom fails the model if two threads use it at once.
        self.stack.with_mut(|x| unsafe { *x += 1 });
    }

    /// The goroutine is woken, runs, and waits again.
    fn resume(&self, fault: Fault) {
        if fault != Fault::LateStatus {
            self.status.store(RUNNING, Ordering::Relaxed);
        }
        if fault != Fault::NoLook && self.held.is(G) {
            while self.held.is_still(G) {
                thread::yield_now();
            }
        }
        if fault == Fault::LateStatus {
            self.status.store(RUNNING, Ordering::Relaxed);
        }
        self.use_stack();
        self.status.store(WAITING, Ordering::Release);
    }

    /// sysmon's round.
    fn trim(&self, fault: Fault) {
        self.held.hold(G, || {
            let waits = self.status.load(Ordering::Acquire) == WAITING;
            if waits || fault == Fault::NoSecondLook {
                self.use_stack();
            }
        });
    }
}

fn a_goroutine_is_trimmed(fault: Fault) {
    let model = Arc::new(Model {
        held: Held::new(),
        status: AtomicUsize::new(WAITING),
        stack: UnsafeCell::new(0),
    });
    let m = thread::spawn({
        let model = model.clone();
        move || {
            model.resume(fault);
            model.resume(fault);
        }
    });
    model.trim(fault);
    m.join().unwrap();
}

#[test]
fn nobody_runs_on_a_stack_that_is_trimmed() {
    check(3, || a_goroutine_is_trimmed(Fault::None));
}

#[test]
fn faults_are_noticed() {
    for part in [Part::Light, Part::Heavy] {
        must_fail_without(part, 3, || a_goroutine_is_trimmed(Fault::None));
    }
    for fault in [Fault::NoSecondLook, Fault::NoLook, Fault::LateStatus] {
        must_fail(3, move || a_goroutine_is_trimmed(fault));
    }
}
