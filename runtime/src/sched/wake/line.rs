//! A P goes to the M at the head of the line straight from the M that gives it up, if there is nothing else to do.

use super::kept_back;
use crate::g::{GRef, Status};
use crate::netpoll;
use crate::sched::state::p::{FreeP, P};
use crate::sched::state::sched::SCHED;
use crate::sched::state::section::Section;
use crate::sched::state::{slice, tracing};
use crate::sys::{clock::nanotime, thread};

/// If there is nothing else to do, gives the P to the M whose turn it is, without waking another M to
/// find that out. Else the P is back.
pub(super) fn give_turn(p: FreeP) -> Option<FreeP> {
    if is_work_elsewhere(&p) {
        return Some(p);
    }
    let next = SCHED.lock().take_from_line(p.take_cpu());
    let Some(m) = next else { return Some(p) };
    p.end_slice();
    m.wake_with(p);
    None
}

/// Is there anything that goes before the line, or is a look at the network due?
fn is_work_elsewhere(p: &P) -> bool {
    SCHED.queued() != 0
        || kept_back::may_begin()
        || p.has_next()
        || SCHED.ps().any(P::has_queued)
        || SCHED.first_timer() <= nanotime()
        || netpoll::waiters() != 0
}

/// The goroutine on `m`, `g`, has used up its slice, and another M waits in line: its P goes to the head of the
/// line, and the M to its end, if there is nothing else to do. The caller then sleeps until it is woken, in line.
/// `agreed` is asked last: the M may be put in line.
///
/// Async-signal-safe: it waits for no lock, and allocates nothing. (Recording a run may do both.)
pub(crate) fn change_places(m: &mut Section, g: GRef, agreed: impl FnOnce() -> bool) -> bool {
    let Some(p) = m.p() else { return false };
    if tracing::on() || !SCHED.has_line() || p.is_retired() || is_work_elsewhere(&p) {
        return false;
    }
    let (cpu, now) = (thread::own_cpu_time(), nanotime());
    let Some(mut s) = SCHED.try_lock() else {
        return false;
    };
    if s.line_is_empty() || !agreed() {
        return false;
    }
    // An M that finds us in line may wake us at once: so all this comes before. (The lock is ours until then.)
    m.hog.count(cpu, slice::in_line());
    m.hog.set_silent(true);
    g.set_status(Status::Runnable);
    let p = m.release_p().expect("the section keeps it");
    let next = s.change_places(m.m(), now);
    drop(s);
    p.end_slice();
    next.expect("somebody is in line").wake_with(p);
    #[cfg(test)]
    tests::changed();
    true
}

#[cfg(test)]
mod tests {
    use crate::spawn;
    use crate::sys::inject::in_child;
    use crate::sys::sigurg;
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
    use std::time::{Duration, Instant};

    /// How often Ms have changed places.
    static CHANGES: AtomicU32 = AtomicU32::new(0);

    pub(super) fn changed() {
        CHANGES.fetch_add(1, Ordering::Relaxed);
    }

    /// Three loops that call nothing, and two Ps.
    #[test]
    fn paused_threads_hand_their_ps_on_themselves() {
        const NAME: &str = "sched::wake::line::tests::paused_threads_hand_their_ps_on_themselves";
        static ENOUGH: AtomicBool = AtomicBool::new(false);
        if !sigurg::POSSIBLE {
            return;
        }
        let child = in_child(NAME, "", |_| {
            let looping = || {
                while !ENOUGH.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            };
            let loops: Vec<_> = (0..3).map(|_| spawn(looping)).collect();
            let begin = Instant::now();
            while CHANGES.load(Ordering::Relaxed) < 10 {
                assert!(begin.elapsed() < Duration::from_secs(60), "nobody does");
                std::thread::yield_now();
            }
            ENOUGH.store(true, Ordering::Relaxed);
            for one in loops {
                one.join().expect("it ends");
            }
        });
        if let Some(child) = child {
            let text = String::from_utf8_lossy(&child.stderr);
            assert!(child.status.success(), "{text}");
        }
    }
}
