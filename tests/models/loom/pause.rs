//! Pausing a thread: the very file `sched/.../pause_word.rs` (README.md, "Pausing a thread").
//!
//! Proves: a goroutine that was asked to pause belongs at each moment to one thread alone, its own or
//! sysmon's or that which takes it from the line; it loses its P only while it stands still, and has
//! exactly one when it goes on; whoever gives it its turn cannot do so before it can be woken, and it
//! sleeps through no wake-up; a request that is withdrawn, or that comes when the goroutine has left the
//! thread, pauses nobody for ever.

use super::{check, must_fail};
use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

#[allow(dead_code, unreachable_pub)]
#[path = "../../../runtime/src/sched/state/pause_word.rs"]
mod pause_word;
use pause_word::PauseWord;

/// Faults that the model must notice.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// sysmon puts a thread in line that has only been asked.
    TakesTheAsked,
    /// The M goes on after its patience is over without asking whether it was taken.
    GoesOn,
    /// sysmon takes the P of one that was asked, not taken: it may run on.
    TakesTheP,
    /// The M gets in line itself because it was asked a moment ago.
    StandsUnasked,
}

/// One M with its goroutine, its P, sysmon and whoever comes to the head of the line.
struct Model {
    word: PauseWord,
    /// What the M's goroutines do, one after the other: plain cells that loom watches.
    goroutines: [UnsafeCell<usize>; 2],
    /// `m.curg`.
    current: AtomicUsize,
    /// The P's private parts; used by its owner.
    private: UnsafeCell<usize>,
    /// `m.p`: does the M have the P?
    has_p: AtomicBool,
    /// The line (under `SCHED.lock`), and the P of whoever looks at it.
    line: Mutex<bool>,
    /// `m.note` and its futex.
    note: Mutex<bool>,
    woken: Condvar,
    /// `m.next_p`.
    next_p: AtomicUsize,
    fault: Fault,
}

impl Model {
    fn new(fault: Fault) -> Arc<Model> {
        Arc::new(Model {
            word: PauseWord::new(),
            goroutines: [UnsafeCell::new(0), UnsafeCell::new(0)],
            current: AtomicUsize::new(0),
            private: UnsafeCell::new(0),
            has_p: AtomicBool::new(true),
            line: Mutex::new(false),
            note: Mutex::new(false),
            woken: Condvar::new(),
            next_p: AtomicUsize::new(0),
            fault,
        })
    }

    /// The goroutine computes, on its own thread.
    fn compute(&self) {
        let current = self.current.load(Ordering::Relaxed);
        // SAFETY: the pointer is the cell's; loom fails the model if two threads use it at once.
        self.goroutines[current].with_mut(|g| unsafe { *g += 1 });
    }

    /// A runtime call of the goroutine's: uses its P, if it has one.
    fn call(&self) {
        if self.has_p.load(Ordering::Acquire) {
            // SAFETY: as above.
            self.private.with_mut(|p| unsafe { *p += 1 });
        }
    }

    /// The signal handler.
    fn interrupted(&self, patient: bool) {
        if !self.word.asked() || !self.word.pause() {
            return;
        }
        if !patient && (self.fault == Fault::GoesOn || self.word.give_up()) {
            return;
        }
        self.sleep();
    }

    fn sleep(&self) {
        let mut note = self.note.lock().unwrap();
        while !*note {
            note = self.woken.wait(note).unwrap();
        }
        *note = false;
        drop(note);
        assert_eq!(
            self.next_p.swap(0, Ordering::Relaxed),
            1,
            "woken without a P"
        );
        assert!(!self.has_p.swap(true, Ordering::AcqRel), "an M has two Ps");
        self.word.resumed();
    }

    /// The signal handler of one that finds another M in line: it gets in line itself, and its P goes to that one.
    fn changes_places(&self, other: &AtomicUsize) {
        let mut line = self.line.lock().unwrap();
        if !self.word.asked() {
            return;
        }
        let agreed = self.word.stand_in_line();
        if !agreed && self.fault != Fault::StandsUnasked {
            return;
        }
        self.has_p.store(false, Ordering::Release);
        *line = true;
        drop(line);
        other.store(1, Ordering::Release);
        if agreed {
            self.sleep();
        }
    }

    /// sysmon's look, some time after it has asked. `true`: the goroutine is in line.
    fn look(&self) -> bool {
        let ours = match self.fault {
            Fault::TakesTheAsked => self.word.take() || self.word.asked(),
            Fault::TakesTheP => {
                if self.word.asked() {
                    self.take_p();
                }
                self.word.take()
            }
            _ => self.word.take(),
        };
        if ours {
            // The goroutine is ours: a dump may look at it, and it stands still.
            let current = self.current.load(Ordering::Relaxed);
            // SAFETY: as above.
            self.goroutines[current].with(|g| unsafe { *g });
            self.take_p();
            *self.line.lock().unwrap() = true;
        }
        ours
    }

    fn take_p(&self) {
        if self.has_p.swap(false, Ordering::AcqRel) {
            // Others run on it.
            // SAFETY: as above.
            self.private.with_mut(|p| unsafe { *p += 1 });
        }
    }

    /// sysmon's part from the first look on: the goroutine has been given its turn, or the request withdrawn.
    fn look_until_settled(&self) {
        while !self.look() {
            if self.word.withdraw() || self.word.is_running() {
                return;
            }
            // It is paused after all.
        }
        self.give_turn();
    }

    /// Whoever looks into the line: gives its P to the M whose turn it is.
    fn give_turn(&self) {
        if std::mem::take(&mut *self.line.lock().unwrap()) {
            self.next_p.store(1, Ordering::Relaxed);
            *self.note.lock().unwrap() = true;
            self.woken.notify_one();
        }
    }
}

/// The goroutine computes and calls, is interrupted, and does so again; sysmon asks, looks, and, if it has
/// not been paused, withdraws.
fn a_slice_ends(fault: Fault, patient: bool) {
    let model = Model::new(fault);
    assert!(model.word.ask());
    let m = thread::spawn({
        let model = model.clone();
        move || {
            model.compute();
            model.interrupted(patient);
            model.compute();
            model.call();
        }
    });
    model.look_until_settled();
    m.join().unwrap();
    assert!(model.has_p.load(Ordering::Acquire), "the P is lost");
    assert!(model.word.is_running());
}

#[test]
fn a_paused_goroutine_belongs_to_one_thread_at_a_time() {
    check(3, || a_slice_ends(Fault::None, true));
}

#[test]
fn nobody_is_paused_for_ever_if_sysmon_is_late() {
    check(3, || a_slice_ends(Fault::None, false));
}

#[test]
fn the_turn_comes_from_another_thread() {
    check(2, || {
        let model = Model::new(Fault::None);
        assert!(model.word.ask());
        let next = thread::spawn({
            let model = model.clone();
            move || model.give_turn()
        });
        let m = thread::spawn({
            let model = model.clone();
            move || {
                model.compute();
                model.interrupted(true);
                model.compute();
                model.call();
            }
        });
        let in_line = model.look() || (!model.word.withdraw() && model.look());
        next.join().unwrap();
        if in_line {
            model.give_turn();
        }
        m.join().unwrap();
        assert!(model.word.is_running());
    });
}

/// The goroutine that was asked ends, and its slot is used again, while the M runs the next one: that one is
/// paused, or nobody.
fn who_was_asked_ends(fault: Fault) {
    let model = Model::new(fault);
    assert!(model.word.ask());
    let m = thread::spawn({
        let model = model.clone();
        move || {
            model.compute();
            model.current.store(1, Ordering::Relaxed);
            // The next user of the slot; there is nobody else who may look at it.
            // SAFETY: the pointer is the cell's, which loom watches.
            model.goroutines[0].with_mut(|g| unsafe { *g = 0 });
            model.compute();
            model.interrupted(true);
            model.compute();
            model.call();
        }
    });
    model.look_until_settled();
    m.join().unwrap();
    assert!(model.has_p.load(Ordering::Acquire), "the P is lost");
    assert!(model.word.is_running());
}

#[test]
fn a_goroutine_that_has_ended_is_not_touched() {
    check(3, || who_was_asked_ends(Fault::None));
}

/// Where somebody waits in line already the M does sysmon's part itself. Whoever has got the P gives it back when the
/// head of the line is there; sysmon looks meanwhile, and finds nothing to do.
fn the_m_changes_places(fault: Fault) {
    let model = Model::new(fault);
    assert!(model.word.ask());
    let other = Arc::new(AtomicUsize::new(0));
    let m = thread::spawn({
        let (model, other) = (model.clone(), other.clone());
        move || {
            model.compute();
            model.changes_places(&other);
            model.compute();
            model.call();
        }
    });
    let next = thread::spawn({
        let (model, other) = (model.clone(), other.clone());
        move || {
            // The one that was in line runs with the P as soon as it is given, and gives it to who waits then.
            if other.load(Ordering::Acquire) == 1 {
                // SAFETY: the pointer is the cell's, which loom watches.
                model.private.with_mut(|p| unsafe { *p += 1 });
                model.give_turn();
            }
        }
    });
    let sysmons = model.look();
    let withdrawn = !sysmons && model.word.withdraw();
    next.join().unwrap();
    assert!(!sysmons, "there was nothing for it to take");
    if !withdrawn {
        model.give_turn();
    }
    m.join().unwrap();
    assert!(!*model.line.lock().unwrap(), "it runs, and is in line");
    assert!(model.has_p.load(Ordering::Acquire), "the P is lost");
    assert!(model.word.is_running());
}

#[test]
fn who_gets_in_line_itself_is_woken_from_there() {
    check(3, || the_m_changes_places(Fault::None));
}

#[test]
fn faults_are_noticed() {
    must_fail(3, || a_slice_ends(Fault::TakesTheAsked, true));
    must_fail(3, || a_slice_ends(Fault::GoesOn, false));
    must_fail(3, || a_slice_ends(Fault::TakesTheP, true));
    must_fail(3, || the_m_changes_places(Fault::StandsUnasked));
    must_fail(3, || who_was_asked_ends(Fault::TakesTheAsked));
}
