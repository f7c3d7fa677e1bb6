//! The proof of a deadlock: the very file `sched/state/census.rs`, and `idle_state.rs` (README.md, "Deadlock").
//!
//! Proves: whoever looks twice, and sees everybody asleep and no goroutine run in between, is right, whatever Ms do
//! meanwhile: wake one another, hand a P over, park, fall asleep. Two Ms and two Ps; one runs a goroutine, wakes the
//! other for another one (or, if that is bound to the other, hands its P over), and sleeps.

use super::idle::idle_state::IdleState;
use super::{check, must_fail};
use loom::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst, fence};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

#[allow(dead_code, unreachable_pub)]
#[path = "../../../runtime/src/sched/state/census.rs"]
mod census;
use census::Numbers;

/// Faults that the model must notice.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// Only the Ms are counted.
    NotThePs,
    /// Only the Ps are counted, so not who runs without one.
    NotTheMs,
}

/// `SCHED.lock`'s: the idle lists.
struct Lists {
    ps: usize,
    ms: Vec<usize>,
}

struct Model {
    lists: Mutex<Lists>,
    idle: IdleState,
    /// Each M's note: 1 = woken, with a P.
    notes: [(Mutex<usize>, Condvar); 2],
    switches: AtomicU64,
    /// Goroutines that run or could run.
    alive: AtomicUsize,
    /// M 1 sleeps until its goroutine can run. It takes the mark back itself, when it is awake.
    waits_locked: AtomicBool,
    fault: Fault,
}

impl Numbers for Model {
    fn ps_away(&self) -> usize {
        0
    }
    fn ps_idle(&self) -> usize {
        match self.fault {
            Fault::NotThePs => 2,
            _ => self.idle.ps_in_order() as usize,
        }
    }
    fn ps_made(&self) -> usize {
        2
    }
    fn anything_to_come(&self) -> bool {
        fence(SeqCst);
        false
    }
    fn ms_resting(&self) -> usize {
        usize::from(self.waits_locked.load(SeqCst))
    }
    fn ms_idle(&self) -> usize {
        match self.fault {
            Fault::NotTheMs => 2,
            _ => self.idle.ms_in_order() as usize,
        }
    }
    fn threads(&self) -> usize {
        2
    }
    fn switches(&self) -> u64 {
        self.switches.load(SeqCst)
    }
}

impl Model {
    /// `ready`: a goroutine could run, and an M is woken for it, with a P.
    fn wake_one(&self) {
        self.alive.fetch_add(1, SeqCst);
        let mut lists = self.lists.lock().unwrap();
        assert!(lists.ps > 0);
        lists.ps -= 1;
        self.idle.p_taken();
        let m = lists.ms.pop().expect("the other one is idle");
        self.idle.m_taken();
        drop(lists);
        *self.notes[m].0.lock().unwrap() = 1;
        self.notes[m].1.notify_one();
    }

    /// The goroutine of M 0 parks; another one could run, which is bound to M 1: the P goes there.
    fn start_locked(&self) {
        *self.notes[1].0.lock().unwrap() = 1;
        self.notes[1].1.notify_one();
    }

    /// The goroutine parks, the M gives its P up and sleeps.
    fn park_and_rest(&self, m: usize, has_p: bool) {
        self.alive.fetch_sub(1, SeqCst);
        let mut lists = self.lists.lock().unwrap();
        if has_p {
            lists.ps += 1;
            self.idle.p_rests();
        }
        drop(lists);
        // `stopm`
        let mut lists = self.lists.lock().unwrap();
        lists.ms.push(m);
        self.idle.m_rests();
    }

    fn sleep(&self, m: usize) {
        let mut note = self.notes[m].0.lock().unwrap();
        while *note == 0 {
            note = self.notes[m].1.wait(note).unwrap();
        }
        *note = 0;
    }

    fn run(&self) {
        self.switches.fetch_add(1, SeqCst);
    }

    fn look_twice(&self) {
        let look = || {
            let seen = census::look(self);
            fence(SeqCst);
            seen
        };
        let first = look();
        if first.is_some() && look() == first {
            assert_eq!(self.alive.load(SeqCst), 0, "somebody can run");
        }
    }
}

/// M 0 runs a goroutine with a P, or has lost it and runs on without; M 1 is idle, or bound to the goroutine that
/// is next.
fn model(fault: Fault, has_p: bool, bound: bool) {
    let m = Arc::new(Model {
        lists: Mutex::new(Lists {
            ps: if has_p { 1 } else { 2 },
            ms: if bound { vec![] } else { vec![1] },
        }),
        idle: IdleState::new(),
        notes: [
            (Mutex::new(0), Condvar::new()),
            (Mutex::new(0), Condvar::new()),
        ],
        switches: AtomicU64::new(0),
        alive: AtomicUsize::new(1),
        waits_locked: AtomicBool::new(bound),
        fault,
    });
    (0..if has_p { 1 } else { 2 }).for_each(|_| m.idle.p_rests());
    if !bound {
        m.idle.m_rests();
    }
    let second = thread::spawn({
        let m = m.clone();
        move || {
            m.sleep(1);
            m.waits_locked.store(false, SeqCst);
            m.run();
            m.park_and_rest(1, true);
        }
    });
    let watcher = thread::spawn({
        let m = m.clone();
        move || m.look_twice()
    });
    if bound {
        // One goroutine parks, the other could run.
        m.start_locked();
        m.alive.fetch_add(1, SeqCst);
        m.park_and_rest(0, false);
    } else {
        m.wake_one();
        m.park_and_rest(0, has_p);
    }
    second.join().unwrap();
    watcher.join().unwrap();
    assert!(census::everybody_sleeps(&*m), "a deadlock is not seen");
}

#[test]
fn who_sees_everybody_asleep_twice_is_right() {
    check(3, || model(Fault::None, true, false));
    check(3, || model(Fault::None, false, false));
    check(3, || model(Fault::None, true, true));
}

#[test]
fn the_faults_are_noticed() {
    must_fail(3, || model(Fault::NotThePs, true, true));
    must_fail(3, || model(Fault::NotTheMs, false, false));
}
