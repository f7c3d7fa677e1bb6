//! `all goroutines are asleep - deadlock!`
//!
//! Reported only when the program runs under `#[goroutine] fn main`, nothing is runnable, every M
//! sleeps, no timer is armed, nobody waits for the network or a signal, and every thread of the process
//! is ours or blocked in one of our calls: a foreign thread could still wake somebody. An M that goes
//! idle has sysmon look; sysmon looks twice, 10 ms apart.

use super::global::SCHED;
use super::m::M;
use super::{dump, fatal, sysmon, template, timers};
use crate::g::waiter;
use crate::sys::thread;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

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
        sysmon::wake();
    }
}

/// By the counters alone; README.md, "Deadlock", says what that proves.
fn everybody_sleeps() -> bool {
    if !all_ps_rest()
        || SCHED.has_global_work()
        || crate::netpoll::waiters() != 0
        || timers::first() != i64::MAX
    {
        return false;
    }
    // One that blocks in the poller sleeps as well, if nobody waits for the network: it was to wake
    // for a timer that has been stopped since.
    let resting =
        |m: &&M| m.waits_locked.load(Ordering::SeqCst) || m.in_poll.load(Ordering::SeqCst);
    let resting = SCHED.ms().filter(resting).count() as i32;
    let idle = SCHED.idle_ms.load(Ordering::SeqCst) as i32;
    SCHED.threads.load(Ordering::SeqCst) == idle + resting
}

/// Is every P that was ever made on the idle list or put away? One that is neither belongs to an M, or is on
/// its way to one that was woken and has not run yet: also beyond GOMAXPROCS, while it retires.
fn all_ps_rest() -> bool {
    let away = SCHED.ps().filter(|p| p.away.load(Ordering::SeqCst)).count();
    SCHED.idle_ps.load(Ordering::SeqCst) as usize + away >= SCHED.made_ps.load(Ordering::SeqCst)
}

/// And by the kernel's: no thread is left that could do anything.
fn no_foreign_thread() -> bool {
    let ms = SCHED.threads.load(Ordering::SeqCst) as usize;
    let ours = ms + template::THREADS + waiter::blocked_threads();
    thread::count_in_process().is_some_and(|n| n <= ours)
}

/// An M in the poller may just have come back with somebody to wake: it sleeps if the kernel says so.
fn pollers_sleep() -> bool {
    let mut pollers = SCHED.ms().filter(|m| m.in_poll.load(Ordering::SeqCst));
    pollers.all(|m| thread::is_blocked(m.tid.load(Ordering::Relaxed)))
}

/// There is a suspicion that could not be confirmed yet: sysmon keeps looking now and then.
pub(crate) fn suspected() -> bool {
    SUSPECTED.load(Ordering::Relaxed)
}

/// sysmon's part: looks again after 10 ms, and dies if it still holds.
pub(crate) fn confirm() {
    if !SUSPECTED.swap(false, Ordering::SeqCst) || !everybody_sleeps() {
        return;
    }
    let look = || {
        let switches: u64 = SCHED
            .ps()
            .map(|p| u64::from(p.switches.load(Ordering::SeqCst)))
            .sum();
        (everybody_sleeps() && pollers_sleep() && no_foreign_thread()).then_some(switches)
    };
    let first = look();
    std::thread::sleep(Duration::from_millis(10));
    if first.is_none() || look() != first {
        // A foreign thread is left; it may end without waking anybody.
        if everybody_sleeps() {
            SUSPECTED.store(true, Ordering::SeqCst);
        }
        return;
    }
    if MAIN_EXITED.load(Ordering::SeqCst) && SCHED.goroutines() == 0 {
        fatal::claim();
        fatal::finish("fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n");
    }
    fatal::die(
        "fatal error: all goroutines are asleep - deadlock!\n",
        dump::Who::AllAsleep,
    );
}
