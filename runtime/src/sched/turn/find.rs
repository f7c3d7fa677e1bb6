//! `find_runnable`: what to run next, in Go's order.
//!
//! First `quick`: who was given way to, else `run_next`, else the local queue, if no timer is near here, sysmon asks for
//! nothing, no M is in line, and it is not the network's turn (nor, before the local queue, the global one's). Every 16th
//! turn, and whenever that finds nothing, `find_any`: due timers; who was given way to; sysmon's request; the line, if it is
//! its turn; now and then the network; every 61st tick what was kept back and the global queue; `run_next`, which inherits
//! the time slice; the local queue; what was kept back; a batch of the global queue; the network; other Ps' queues,
//! timers and, last, `run_next`; the line.
//! Then the M gives up its P, looks at everything once more and sleeps (README.md).

use super::queues::{self, Found};
use super::{poll, sleep, spin, steal};
use crate::sched::state::godebug;
use crate::sched::state::p::{Asked, OwnP, P};
use crate::sched::state::sched::SCHED;
use crate::sched::state::section::Section;
use crate::sched::wake::{idle, kept_back, sleep as wait, timers};
use crate::sys::{clock::nanotime, thread};

/// Finds something to run. The M has a P before and after (maybe another one).
#[inline]
pub(crate) fn find_runnable(m: &mut Section) -> Found {
    if let Some(found) = quick(m) {
        return found;
    }
    if m.own().on_trial.take() {
        kept_back::trial_ends();
    }
    loop {
        let found = find_any(m);
        m.own().on_trial.set(found.admitted);
        if found.admitted || !kept_back::is_kept_back(&found.g) {
            return found;
        }
        SCHED.hold_back(found.g);
    }
}

/// The usual cases: the goroutine that has just left has woken another one, or given way to it, or others are queued here,
/// and nothing comes before that. (Now and then all is looked at.)
///
/// No timer that is near: to see whether that is due takes a look at the clock. No look at the tick before `run_next`:
/// who comes from there does not move it, so the global queue's turn is still there when `run_next` is empty, or at the
/// next 16th switch. And where no M is in line, no goroutine is kept back.
#[inline(always)]
fn quick(m: &Section) -> Option<Found> {
    let p = m.p()?;
    let nothing_first =
        !p.is_asked() && !SCHED.has_line() && !poll::is_turn(&p) && !timers::is_near(&p);
    if !nothing_first {
        return None;
    }
    if let Some(g) = m.own().given.take() {
        return Some(Found::fresh(g));
    }
    if let Some(g) = p.take_next() {
        return Some(Found::next(g));
    }
    if queues::is_global_turn(&p) {
        return None;
    }
    p.pop().map(Found::fresh)
}

#[inline(never)]
fn find_any(m: &mut Section) -> Found {
    let mut slice_over = false;
    loop {
        let p = m.p().expect("looks for work with a P");
        timers::check(&p);
        if let Some(g) = m.own().given.take() {
            return Found::fresh(g);
        }
        if p.is_asked() {
            slice_over = attend(m);
            continue;
        }
        if !godebug::slices_end() && p.switches().is_multiple_of(SHARED) {
            end_common_slice(&p);
        }
        let over = std::mem::take(&mut slice_over);
        if SCHED.has_line() && is_lines_turn(m, &p, over) {
            give_turn(m);
            continue;
        }
        if let Some(g) = poll::look_in_passing(&p) {
            return Found::fresh(g);
        }
        if queues::is_global_turn(&p)
            && let Some(found) = take_kept_back()
        {
            return found;
        }
        if let Some(found) = queues::local(&p) {
            return found;
        }
        let found = take_kept_back().or_else(|| queues::take_global(&p).map(Found::fresh));
        if let Some(found) = found {
            return found;
        }
        if let Some(g) = poll::look(&p) {
            return Found::fresh(g);
        }
        if spin::begin(m)
            && let Some(g) = steal::steal(m, &p)
        {
            return Found::fresh(g);
        }
        if SCHED.has_line() {
            give_turn(m);
            continue;
        }
        if let Some(g) = sleep::rest(m) {
            return Found::fresh(g);
        }
    }
}

/// How long goroutines that have just woken go before an M that waits in line, in nanoseconds: one slice.
const PATIENCE: i64 = 10_000_000;

/// An M is in line: does it come before anything else? Yes after a goroutine has yielded, once in each round
/// of those that yield (in Go they are all in one queue); else if the head has waited for a slice: after a
/// slice that was used up, and now and then, if no goroutine waits in `run_next`.
#[cold]
fn is_lines_turn(m: &Section, p: &P, slice_over: bool) -> bool {
    if m.own().yielded.replace(false) {
        let round = SCHED.queued().max(1) as u32;
        if p.slices().is_multiple_of(round) {
            return true;
        }
    }
    // A goroutine in `run_next` has the rest of its waker's slice: no loop comes between the two for the tick's sake. (Nor in Go,
    // where the tick does not move between them.)
    let in_between = queues::is_global_turn(p) && !p.has_next();
    (slice_over || in_between) && nanotime() - SCHED.line_since() >= PATIENCE
}

/// Gives the P to the M at the head of the line, if there still is one, and sleeps until there is another P.
#[inline(never)]
fn give_turn(m: &mut Section) {
    let p = m.p().expect("looks for work with a P");
    // Where nobody runs now: the P may have come to us from there just now.
    let left = p.left().or(thread::cpu);
    let next = SCHED.lock().take_from_line(left);
    if let Some(next) = next {
        spin::found_work(m);
        p.turn_begins(nanotime());
        wait::hand_p(m, next);
        wait::stopm(m);
    }
}

/// The first that was kept back, if it need not wait any more.
fn take_kept_back() -> Option<Found> {
    let mut found = Found::fresh(kept_back::take()?);
    found.admitted = true;
    Some(found)
}

/// sysmon wants the slice to end, or the P is to retire. `false`: the M has another P now.
#[cold]
#[inline(never)]
fn attend(m: &mut Section) -> bool {
    let Some(p) = m.p() else { return false };
    if p.answer() == Some(Asked::Retire) {
        let p = m.release_p();
        spin::end(m);
        if let Some(p) = p {
            idle::put_away(p);
        }
        wait::stopm(m);
        return false;
    }
    end_common_slice(&p);
    true
}

/// Where slices do not end by time (`GODEBUG=preempt=0`), goroutines that wake each other share this many runs.
const SHARED: u32 = 1024;
// `quick` leaves only these turns to `find_any`.
const _: () = assert!(SHARED.is_multiple_of(poll::TURNS));

/// The pair that has used up its common slice goes behind all others.
fn end_common_slice(p: &OwnP<'_>) {
    if let Some(g) = p.take_next() {
        p.put(g);
    }
}
