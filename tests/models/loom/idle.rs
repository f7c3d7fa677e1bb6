//! Falling asleep and waking (`idle.rs`, `find.rs`; README.md, "Falling asleep").
//!
//! Proves: whatever is published while an M falls asleep, in the end there is no work left with an idle
//! P and nobody looking. Two Ps; a publisher on one of them; a spinning M that finds nothing and gives
//! up the other.

use super::{check, must_fail};
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use loom::sync::{Arc, Mutex};
use loom::thread;

/// Faults that the model must notice.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// The publisher has no fence between its work and its look.
    NoLightFence,
    /// The M that falls asleep has no fence before its last look.
    NoHeavyFence,
    /// It looks, and only then ceases to be counted as spinning.
    LooksTooEarly,
    /// It goes without a last look.
    NoLastLook,
}

struct Sched {
    /// Queue of the publisher's P, as thieves see it: how many are in it.
    queued: AtomicUsize,
    idle_ps: AtomicUsize,
    spinning: AtomicUsize,
    need_spinning: AtomicBool,
    /// `SCHED.lock`; it guards the idle list, here the number of idle Ps.
    lock: Mutex<usize>,
    /// Ms that were woken to spin.
    woken: AtomicUsize,
}

impl Sched {
    fn put_idle_p(&self) {
        let mut idle = self.lock.lock().unwrap();
        *idle += 1;
        self.idle_ps.store(*idle, Ordering::Relaxed);
    }

    fn take_idle_p(&self) -> bool {
        let mut idle = self.lock.lock().unwrap();
        if *idle == 0 {
            return false;
        }
        *idle -= 1;
        self.idle_ps.store(*idle, Ordering::Relaxed);
        true
    }

    fn wakep(&self, fault: Fault) {
        if fault != Fault::NoLightFence {
            fence(Ordering::SeqCst);
        }
        if self.idle_ps.load(Ordering::Relaxed) == 0 || self.spinning.load(Ordering::Relaxed) != 0 {
            return;
        }
        let first = self
            .spinning
            .compare_exchange(0, 1, Ordering::AcqRel, Ordering::Relaxed);
        if first.is_err() {
            return;
        }
        if self.take_idle_p() {
            self.woken.fetch_add(1, Ordering::Relaxed);
        } else {
            self.spinning.fetch_sub(1, Ordering::AcqRel);
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
                // `reset_spinning`: the last one wakes another.
                if self.spinning.fetch_sub(1, Ordering::AcqRel) == 1 {
                    self.wakep(fault);
                }
                return true;
            }
            // `rest`
            self.put_idle_p();
            let early = self.queued.load(Ordering::Relaxed) > 0;
            self.spinning.fetch_sub(1, Ordering::AcqRel);
            if fault != Fault::NoHeavyFence {
                fence(Ordering::SeqCst);
            }
            let work = match fault {
                Fault::LooksTooEarly => early,
                Fault::NoLastLook => false,
                _ => self.queued.load(Ordering::Relaxed) > 0,
            };
            if !work {
                return false;
            }
            if !self.take_idle_p() {
                self.need_spinning.store(true, Ordering::Relaxed);
                return false;
            }
            self.spinning.fetch_add(1, Ordering::AcqRel);
        }
    }
}

fn model(pieces: usize, fault: Fault, third: bool) {
    // P 0 is the publisher's, P 1 the spinning M's, P 2 that of an M which does not spin, because
    // somebody does: none is idle.
    let s = Arc::new(Sched {
        queued: AtomicUsize::new(0),
        idle_ps: AtomicUsize::new(0),
        spinning: AtomicUsize::new(1),
        need_spinning: AtomicBool::new(false),
        lock: Mutex::new(0),
        woken: AtomicUsize::new(0),
    });
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
        s.wakep(fault);
    }
    sleeper.join().unwrap();
    third.into_iter().for_each(|t| t.join().unwrap());
    let left = s.queued.load(Ordering::Relaxed) > 0;
    let somebody_looks = s.spinning.load(Ordering::Relaxed) > 0;
    let idle = s.idle_ps.load(Ordering::Relaxed) > 0;
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
    for fault in [
        Fault::NoLightFence,
        Fault::NoHeavyFence,
        Fault::LooksTooEarly,
        Fault::NoLastLook,
    ] {
        must_fail(3, move || model(1, fault, false));
    }
}
