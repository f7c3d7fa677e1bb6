//! Are all goroutines asleep? What the scheduler's own counters say; `watch/deadlock.rs` asks the kernel too.
//!
//! An M that goes idle has sysmon look ([`check`]), if the program runs under `#[goroutine] fn main`.

use crate::netpoll;
use crate::sched::state::census::{self, Numbers};
use crate::sched::state::m::M;
use crate::sched::state::sched::{SCHED, Sched};
use std::sync::atomic::{AtomicBool, Ordering};

/// The program has a goroutine main; without one nothing is reported.
static ENABLED: AtomicBool = AtomicBool::new(false);
/// `main` has called `goexit`.
static MAIN_EXITED: AtomicBool = AtomicBool::new(false);
static SUSPECTED: AtomicBool = AtomicBool::new(false);

/// Reports from now on.
pub(crate) fn enable() {
    ENABLED.store(true, Ordering::SeqCst);
}

/// `main` has ended by `goexit`.
pub(crate) fn main_exited() {
    MAIN_EXITED.store(true, Ordering::SeqCst);
}

/// An M or a plain thread is about to sleep: was it the last?
pub(crate) fn check() {
    if ENABLED.load(Ordering::Relaxed) && everybody_sleeps() {
        SUSPECTED.store(true, Ordering::SeqCst);
        SCHED.alarm.wake();
    }
}

/// By the counters alone; README.md, "Deadlock", says what that proves.
pub(crate) fn everybody_sleeps() -> bool {
    census::everybody_sleeps(&SCHED)
}

impl Numbers for Sched {
    fn ps_away(&self) -> usize {
        let away = SCHED.ps().filter(|p| p.is_away());
        away.count()
    }

    fn ps_idle(&self) -> usize {
        self.idle.ps_in_order() as usize
    }

    fn ps_made(&self) -> usize {
        self.made_ps()
    }

    fn anything_to_come(&self) -> bool {
        self.has_global_work() || netpoll::waiters() != 0 || SCHED.first_timer() != i64::MAX
    }

    fn ms_resting(&self) -> usize {
        // An M that blocks in the poller sleeps as well, if no goroutine waits for the network: it was
        // to wake for a timer that has been stopped since.
        M::all().filter(|m| m.rest().is_some()).count()
    }

    fn ms_idle(&self) -> usize {
        self.idle.ms_in_order() as usize
    }

    fn threads(&self) -> usize {
        Sched::threads(self).max(0) as usize
    }

    fn switches(&self) -> u64 {
        let switches = SCHED.ps().map(|p| p.switches_in_order());
        switches.map(u64::from).sum()
    }
}

/// There is a suspicion that could not be confirmed yet: sysmon keeps looking now and then.
pub(crate) fn suspected() -> bool {
    SUSPECTED.load(Ordering::Relaxed)
}

/// Takes the suspicion back; was there one?
pub(crate) fn take_suspicion() -> bool {
    SUSPECTED.swap(false, Ordering::SeqCst)
}

/// There is still one.
pub(crate) fn suspect_again() {
    SUSPECTED.store(true, Ordering::SeqCst);
}

/// Has `main` called `goexit`?
pub(crate) fn has_main_exited() -> bool {
    MAIN_EXITED.load(Ordering::SeqCst)
}
