//! Stopping goroutines for good, so that a process that is about to die can show their stacks.
//!
//! The threads that run goroutines are interrupted as those that are paused (`pause.rs`); the handler notes
//! where the code was, and never returns. As there, a thread is left alone where it may hold a lock that the
//! writer of the report needs.

use super::m::M;
use crate::g::GRef;
use crate::sys::{futex, sigurg, thread, walk::Saved};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

static ON: AtomicBool = AtomicBool::new(false);

/// In the signal handler: are all to stop?
pub(crate) fn wanted() -> bool {
    ON.load(Ordering::Relaxed)
}

/// In the signal handler: this thread stops here. `m` says where its goroutine was.
pub(crate) fn stop(m: &M) -> ! {
    static NEVER: AtomicU32 = AtomicU32::new(0);
    m.freezes();
    loop {
        futex::wait(&NEVER, 0, None);
    }
}

/// Stops every goroutine that can be: within a few milliseconds, unless their threads wait for a CPU.
pub(crate) fn everybody() {
    /// A thread that has been interrupted this often and has not stopped is at a place where it must not;
    /// one that waits for a CPU gets this much time.
    const ROUNDS: u32 = 250;
    static NOBODY: AtomicU32 = AtomicU32::new(0);
    ON.store(true, Ordering::SeqCst);
    for round in 0..ROUNDS {
        let mut left = false;
        for m in M::all() {
            let tid = m.tid();
            let runs = m.curg().is_some() && !m.is_frozen();
            if runs && !m.is_in_call() {
                sigurg::send(tid);
                // A paused thread stands still, and so does one that blocks, in the C library.
                left |= round < 5 || !m.pause.is_stopped() && !thread::is_blocked(tid);
            }
        }
        if !left {
            return;
        }
        // A bounded wait for their handlers; no thread wakes us.
        futex::wait(&NOBODY, 0, Some(Duration::from_millis(2)));
    }
}

/// Where `g` was stopped, if it was. One that is paused counts: the signal to stop waits until its handler
/// returns, and is there before the code goes on.
pub(crate) fn stopped_at(g: GRef) -> Option<Saved> {
    let stands = |m: &M| m.is_frozen() || (wanted() && m.pause.is_stopped());
    let here = |m: &&M| m.curg() == Some(g) && stands(m);
    M::all().find(here).map(|m| m.stopped_at())
}
