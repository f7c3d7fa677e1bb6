//! Falling asleep and waking: the very file `sched/state/idle_state.rs` (README.md, "Falling asleep").
//!
//! Proves: whatever is published while an M falls asleep, in the end there is no work left with an idle
//! P and nobody looking. Two Ps; a publisher on one of them; a spinning M that finds nothing and gives
//! up the other.

use super::sys::Part;
use super::{check, must_fail, must_fail_without};
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;

#[allow(dead_code, unreachable_pub)]
#[path = "../../../runtime/src/sched/state/idle_state.rs"]
pub(super) mod idle_state;
use idle_state::IdleState;

/// Faults that the model must notice, beside those of [`Part`].
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// It looks, and only then ceases to be counted as spinning.
    LooksTooEarly,
    /// It goes without a last look.
    NoLastLook,
}

struct Sched {
    /// Queue of the publisher's P, as thieves see it: how many are in it.
    queued: AtomicUsize,
    idle: IdleState,
    /// `SCHED.lock`; it guards the idle list, here the number of idle Ps.
    lock: Mutex<usize>,
    /// Ms that were woken to spin.
    woken: AtomicUsize,
}

impl Sched {
    fn put_idle_p(&self) {
        let mut idle = self.lock.lock().unwrap();
        *idle += 1;
        self.idle.p_rests();
    }

    fn take_idle_p(&self) -> bool {
        let mut idle = self.lock.lock().unwrap();
        if *idle == 0 {
            return false;
        }
        *idle -= 1;
        self.idle.p_taken();
        true
    }

    fn wakep(&self) {
        if !self.idle.needs_waking() || !self.idle.claim() {
            return;
        }
        if self.take_idle_p() {
            self.woken.fetch_add(1, Ordering::Relaxed);
        } else {
            self.idle.end();
        }
    }

    /// A thief's look.
    fn steal(&self) -> bool {
        let n = self.queued.load(Ordering::Relaxed);
        n > 0
            && self
                .queued
                .compare_exchange(n, n - 1, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
    }

    /// An M that spins on a P: until it has found work (`true`) or sleeps.
    fn spin(&self, fault: Fault) -> bool {
        loop {
            if self.steal() {
                // `spin::found_work`: it wakes another, who may be needed.
                self.idle.end();
                self.wakep();
                return true;
            }
            // `sleep::rest`
            self.put_idle_p();
            let early = self.queued.load(Ordering::Relaxed) > 0;
            self.idle.end();
            self.idle.before_last_look();
            let work = match fault {
                Fault::LooksTooEarly => early,
                Fault::NoLastLook => false,
                Fault::None => self.queued.load(Ordering::Relaxed) > 0,
            };
            if !work {
                return false;
            }
            if !self.take_idle_p() {
                self.idle.ask();
                return false;
            }
            self.idle.begin();
        }
    }
}

fn model(pieces: usize, fault: Fault, third: bool) {
    // P 0 is the publisher's, P 1 the spinning M's, P 2 that of an M which does not spin, because
    // somebody does: none is idle.
    let s = Arc::new(Sched {
        queued: AtomicUsize::new(0),
        idle: IdleState::new(),
        lock: Mutex::new(0),
        woken: AtomicUsize::new(0),
    });
    s.idle.begin();
    let sleeper = thread::spawn({
        let s = s.clone();
        move || s.spin(fault)
    });
    let third = third.then(|| {
        let s = s.clone();
        // It goes to sleep without a last look.
        thread::spawn(move || s.put_idle_p())
    });
    for _ in 0..pieces {
        // The owner's push: a release of what was queued, no more.
        s.queued.fetch_add(1, Ordering::Release);
        s.wakep();
    }
    sleeper.join().unwrap();
    third.into_iter().for_each(|t| t.join().unwrap());
    let left = s.queued.load(Ordering::Relaxed) > 0;
    let somebody_looks = s.idle.spinning() > 0;
    let idle = s.idle.ps() > 0;
    assert!(
        !(left && idle && !somebody_looks),
        "work, an idle P, and nobody looks"
    );
}

#[test]
fn no_work_is_left_beside_an_idle_p() {
    check(3, || model(1, Fault::None, false));
    check(2, || model(2, Fault::None, false));
    check(2, || model(1, Fault::None, true));
}

#[test]
fn the_faults_are_noticed() {
    for part in [Part::Light, Part::Heavy] {
        must_fail_without(part, 3, || model(1, Fault::None, false));
    }
    must_fail(3, || model(1, Fault::LooksTooEarly, false));
    must_fail(3, || model(1, Fault::NoLastLook, false));
}
