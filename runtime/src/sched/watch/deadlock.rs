//! `all goroutines are asleep - deadlock!`
//!
//! Reported only when the program runs under `#[goroutine] fn main`, nothing is runnable, every M
//! sleeps, no timer is armed, no goroutine waits for the network or a signal, and every thread of the
//! process is ours or blocked in one of our calls: a foreign thread could still wake a goroutine. An
//! M that goes idle has sysmon look; sysmon looks twice, 10 ms apart.

use crate::g::waiter;
use crate::sched::state::census;
use crate::sched::state::fatal;
use crate::sched::state::level::Who;
use crate::sched::state::m::{M, Rest};
use crate::sched::state::sched::SCHED;
use crate::sched::state::wanted;
use crate::sched::wake::asleep;
use crate::sys::thread;
use std::time::Duration;

/// And by the kernel's count: no thread is left that could do anything.
fn no_foreign_thread() -> bool {
    let ms = SCHED.threads() as usize;
    let ours = ms + wanted::THREADS + waiter::blocked_threads();
    thread::count_in_process().is_some_and(|n| n <= ours)
}

/// An M in the poller may just have come back with a goroutine to wake: it sleeps if the kernel says so.
fn pollers_sleep() -> bool {
    let mut pollers = M::all().filter(|m| m.rest() == Some(Rest::Poller));
    pollers.all(|m| thread::is_blocked(m.tid()))
}

/// sysmon's part: looks again after 10 ms, and ends the process if the deadlock is still there.
pub(crate) fn confirm() {
    if !asleep::take_suspicion() || !asleep::everybody_sleeps() {
        return;
    }
    let look = || census::look(&SCHED).filter(|_| pollers_sleep() && no_foreign_thread());
    let first = look();
    std::thread::sleep(Duration::from_millis(10));
    if first.is_none() || look() != first {
        // A foreign thread is left; it may end without waking any goroutine.
        if asleep::everybody_sleeps() {
            asleep::suspect_again();
        }
        return;
    }
    if asleep::has_main_exited() && SCHED.goroutines() == 0 {
        fatal::claim();
        fatal::finish_recorded(
            "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n",
        );
    }
    let head = "fatal error: all goroutines are asleep - deadlock!\n";
    fatal::finish_recorded(&fatal::last_words(head, Who::AllAsleep));
}
