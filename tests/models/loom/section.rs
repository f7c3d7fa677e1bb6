//! Taking a P from an M that may be anywhere (`section.rs`; README.md, "Taking a P from a running M").
//!
//! Proves: the private parts of a P are never used by two at once, although entering a section is a
//! plain store and a load, and although the M itself releases its P and gets another, or the same,
//! in between. loom watches the private parts: a plain cell each.

use super::{check, must_fail};
use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use loom::sync::{Arc, Mutex};
use loom::thread;

/// Faults that the model must notice.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    NoLightFence,
    NoHeavyFence,
    /// The examiner writes `m.p` back with a plain store.
    PlainStore,
    /// The M, told that it is being examined, does not wait.
    DoesNotWait,
    /// Leaving a section publishes nothing.
    RelaxedExit,
    /// A thief of `run_next` does not look whether its tag is still there.
    NoSecondLook,
}

/// `m.p`: 0 = none, else 2 times the number of a P from 1 on; bit 0 is the tag.
struct Model {
    p: AtomicUsize,
    in_runtime: AtomicBool,
    handoff: Mutex<()>,
    private: [UnsafeCell<usize>; 2],
    /// The idle list; 0 = empty. Its exchange stands for `SCHED.lock`.
    idle: AtomicUsize,
    fault: Fault,
}

impl Model {
    /// Uses the private parts of a P; loom fails if two do so at once, or without an order between.
    fn use_p(&self, p: usize) {
        // SAFETY: the pointer is the cell's; loom fails the model if two threads use it at once.
        self.private[p / 2 - 1].with_mut(|x| unsafe { *x += 1 });
    }

    // ---- the M's side

    fn begin(&self) {
        self.in_runtime.store(true, Ordering::Relaxed);
        if self.fault != Fault::NoLightFence {
            fence(Ordering::SeqCst);
        }
        while self.p.load(Ordering::Acquire) & 1 != 0 && self.fault != Fault::DoesNotWait {
            self.in_runtime.store(false, Ordering::Release);
            let lock = self.handoff.lock().unwrap();
            self.in_runtime.store(true, Ordering::Relaxed);
            drop(lock);
            fence(Ordering::SeqCst);
        }
    }

    fn end(&self) {
        let order = match self.fault {
            Fault::RelaxedExit => Ordering::Relaxed,
            _ => Ordering::Release,
        };
        self.in_runtime.store(false, order);
    }

    fn own_p(&self) -> usize {
        self.p.load(Ordering::Acquire) & !1
    }

    /// A runtime call that uses the P if there is one.
    fn short_call(&self) {
        self.begin();
        match self.own_p() {
            0 => {}
            p => self.use_p(p),
        }
        self.end();
    }

    /// Parks and runs again: gives the P up, takes whichever is idle.
    fn park(&self) {
        self.begin();
        let p = self.p.swap(0, Ordering::AcqRel) & !1;
        if p != 0 {
            self.use_p(p);
            self.put_idle(p);
        }
        let p = self.idle.swap(0, Ordering::AcqRel);
        if p != 0 {
            let old = self.p.swap(p, Ordering::AcqRel);
            assert_eq!(old & !1, 0);
            self.use_p(p);
        }
        self.end();
    }

    fn put_idle(&self, p: usize) {
        // There may be another one: then this one is put away for good.
        let _ = self
            .idle
            .compare_exchange(0, p, Ordering::AcqRel, Ordering::Relaxed);
    }

    // ---- the examiner's side

    fn examine(&self, p: usize, take: bool) {
        let Ok(_lock) = self.handoff.try_lock() else {
            return;
        };
        let tag = self
            .p
            .compare_exchange(p, p | 1, Ordering::AcqRel, Ordering::Relaxed);
        if tag.is_err() {
            return;
        }
        if self.fault != Fault::NoHeavyFence {
            fence(Ordering::SeqCst);
        }
        let change = |to: usize| {
            if self.fault == Fault::PlainStore {
                self.p.store(to, Ordering::Release);
                return true;
            }
            let changed = self
                .p
                .compare_exchange(p | 1, to, Ordering::AcqRel, Ordering::Relaxed);
            changed.is_ok()
        };
        if self.in_runtime.load(Ordering::Acquire) {
            change(p);
            return;
        }
        if take {
            if change(0) {
                self.use_p(p);
                self.put_idle(p);
            }
        } else {
            // Takes what is in `run_next`, and leaves the P.
            let tagged = self.p.load(Ordering::Relaxed) == p | 1;
            if tagged || self.fault == Fault::NoSecondLook {
                self.use_p(p);
                change(p);
            }
        }
    }
}

fn model(fault: Fault, ops: &'static [fn(&Model)], examines: &'static [bool]) {
    let m = Arc::new(Model {
        p: AtomicUsize::new(2),
        in_runtime: AtomicBool::new(false),
        handoff: Mutex::new(()),
        private: [UnsafeCell::new(0), UnsafeCell::new(0)],
        idle: AtomicUsize::new(0),
        fault,
    });
    let examiner = thread::spawn({
        let m = m.clone();
        move || examines.iter().for_each(|&take| m.examine(2, take))
    });
    ops.iter().for_each(|op| op(&m));
    examiner.join().unwrap();
}

const CALLS: &[fn(&Model)] = &[Model::short_call, Model::short_call];
const PARKS: &[fn(&Model)] = &[Model::park, Model::short_call];

#[test]
fn a_p_has_one_owner_while_the_m_enters_and_leaves() {
    check(3, || model(Fault::None, CALLS, &[true]));
    check(3, || model(Fault::None, CALLS, &[false]));
    check(2, || model(Fault::None, CALLS, &[false, true]));
}

#[test]
fn a_p_has_one_owner_while_the_m_gives_it_up_and_gets_it_back() {
    check(3, || model(Fault::None, PARKS, &[true]));
    check(3, || model(Fault::None, PARKS, &[false]));
    check(2, || model(Fault::None, PARKS, &[true, true]));
}

#[test]
fn the_faults_are_noticed() {
    for fault in [
        Fault::NoLightFence,
        Fault::NoHeavyFence,
        Fault::DoesNotWait,
        Fault::RelaxedExit,
    ] {
        must_fail(3, move || model(fault, CALLS, &[true]));
    }
    must_fail(3, || model(Fault::PlainStore, PARKS, &[true]));
    must_fail(3, || model(Fault::NoSecondLook, PARKS, &[false]));
}
