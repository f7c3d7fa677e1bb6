//! Taking a P from an M that may be anywhere: the very file `sched/state/owner_word.rs` (README.md, "Taking a P from
//! a running M").
//!
//! Proves: the private parts of a P are never used by two at once, although entering a section is a
//! plain store and a load, and although the M itself releases its P and gets another, or the same,
//! in between. loom watches the private parts: a plain cell each.

use super::sys::Part;
use super::{check, must_fail, must_fail_without};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

#[allow(dead_code, unreachable_pub)]
#[path = "../../../runtime/src/sched/state/owner_word.rs"]
mod owner_word;
use owner_word::OwnerWord;

/// Faults that the model must notice, beside those of [`Part`].
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// The M uses its P without entering.
    DoesNotEnter,
    /// A thief of `run_next` does not look whether its tag is still there.
    NoSecondLook,
    /// An examiner that has not taken the P uses it all the same.
    UsesWhatItHasNot,
}

/// A P is 2 times its number, from 1 on.
struct Model {
    owner: OwnerWord,
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

    /// A runtime call that uses the P if there is one.
    fn short_call(&self) {
        if self.fault != Fault::DoesNotEnter {
            self.owner.enter();
        }
        match self.owner.p() {
            0 => {}
            p => self.use_p(p),
        }
        self.owner.leave();
    }

    /// Parks and runs again: gives the P up, takes whichever is idle.
    fn park(&self) {
        self.owner.enter();
        let p = self.owner.release();
        if p != 0 {
            self.use_p(p);
            self.put_idle(p);
        }
        let p = self.idle.swap(0, Ordering::AcqRel);
        if p != 0 {
            self.owner.acquire(p);
            self.use_p(p);
        }
        self.owner.leave();
    }

    fn put_idle(&self, p: usize) {
        // There may be another one: then this one is put away for good.
        let _ = self
            .idle
            .compare_exchange(0, p, Ordering::AcqRel, Ordering::Relaxed);
    }

    // ---- the examiner's side

    fn examine(&self, p: usize, take: bool) {
        let Some(examination) = self.owner.examine(p) else {
            return;
        };
        if take {
            if examination.take() || self.fault == Fault::UsesWhatItHasNot {
                self.use_p(p);
                self.put_idle(p);
            }
            return;
        }
        // Takes what is in `run_next`, and leaves the P.
        if examination.holds() || self.fault == Fault::NoSecondLook {
            self.use_p(p);
        }
    }
}

fn model(fault: Fault, ops: &'static [fn(&Model)], examines: &'static [bool]) {
    let m = Arc::new(Model {
        owner: OwnerWord::new(),
        private: [UnsafeCell::new(0), UnsafeCell::new(0)],
        idle: AtomicUsize::new(0),
        fault,
    });
    m.owner.acquire(2);
    m.owner.leave();
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
    for part in [Part::Light, Part::Heavy, Part::Release] {
        must_fail_without(part, 3, || model(Fault::None, CALLS, &[true]));
    }
    must_fail(3, || model(Fault::DoesNotEnter, CALLS, &[true]));
    must_fail(3, || model(Fault::UsesWhatItHasNot, PARKS, &[true]));
    must_fail(3, || model(Fault::NoSecondLook, PARKS, &[false]));
}
