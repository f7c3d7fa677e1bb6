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
    let next = SCHED.lock().take_from_line(p.left());
    let Some(m) = next else { return Some(p) };
    p.end_slice();
    p.turn_begins(nanotime());
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
/// line, or, if there is something else to do, to an idle M, and the M to the line's end. The caller then sleeps
/// until it is woken, in line. `agreed` is asked last: the M may be put in line.
///
/// Async-signal-safe: it waits for no lock, and allocates nothing. (Recording a run may do both, and so may the start
/// of a thread.)
pub(crate) fn change_places(m: &mut Section, g: GRef, agreed: impl FnOnce() -> bool) -> bool {
    let Some(p) = m.p() else { return false };
    if tracing::on() || !SCHED.has_line() || p.is_retired() {
        return false;
    }
    let work = is_work_elsewhere(&p);
    let (cpu, now) = (thread::own_cpu_time(), nanotime());
    let Some(mut s) = SCHED.try_lock() else {
        return false;
    };
    if s.line_is_empty() || (work && !s.has_idle_m()) || !agreed() {
        return false;
    }
    // An M that finds us in line may wake us at once: so all this comes before. (The lock is ours until then.)
    m.counts_turn(cpu, slice::in_line());
    m.hog.set_silent(true);
    g.set_status(Status::Runnable);
    let p = m.release_p().expect("the section keeps it");
    let next = s.change_places(m.m(), now, work);
    drop(s);
    p.end_slice();
    p.turn_begins(now);
    let next = next.expect("the one or the other is there");
    let soon = slice::of(next) < slice::LOOK;
    next.wake_with(p);
    if soon {
        SCHED.alarm.hurry_in_handler();
    }
    #[cfg(test)]
    tests::changed(work);
    true
}

#[cfg(test)]
mod tests {
    use crate::spawn;
    use crate::sys::inject::in_child;
    use crate::sys::sigurg;
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
    use std::time::{Duration, Instant};

    /// How often Ms have changed places, and given their P to an idle one.
    static CHANGES: AtomicU32 = AtomicU32::new(0);
    static TO_IDLE: AtomicU32 = AtomicU32::new(0);

    pub(super) fn changed(for_idle: bool) {
        let count = if for_idle { &TO_IDLE } else { &CHANGES };
        count.fetch_add(1, Ordering::Relaxed);
    }

    fn wait_for_ten(count: &AtomicU32) {
        let begin = Instant::now();
        while count.load(Ordering::Relaxed) < 10 {
            assert!(begin.elapsed() < Duration::from_secs(60), "nobody does");
            std::thread::yield_now();
        }
    }

    /// Three loops that call nothing, and two Ps; then one more goroutine, which is queued when a loop is paused.
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
            wait_for_ten(&CHANGES);
            static YIELDS: AtomicU32 = AtomicU32::new(0);
            let yielding = spawn(|| {
                while !ENOUGH.load(Ordering::Relaxed) {
                    YIELDS.fetch_add(1, Ordering::Relaxed);
                    crate::runtime::gosched();
                }
            });
            wait_for_ten(&TO_IDLE);
            YIELDS.store(0, Ordering::Relaxed);
            wait_for_ten(&YIELDS);
            ENOUGH.store(true, Ordering::Relaxed);
            for one in loops.into_iter().chain([yielding]) {
                one.join().expect("it ends");
            }
        });
        if let Some(child) = child {
            let text = String::from_utf8_lossy(&child.stderr);
            assert!(child.status.success(), "{text}");
        }
    }
}
