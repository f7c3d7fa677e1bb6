//! What a home thread runs: goroutines that stay with it, and no others. [`state::home`](crate::sched::state::home)
//! has the protocol.

use super::queues::Found;
use crate::g::GRef;
use crate::sched::state::free_m::FreeM;
use crate::sched::state::home::Posted;
use crate::sched::state::m::M;
use crate::sched::state::p::{Asked, OwnP};
use crate::sched::state::runnable::Runnable;
use crate::sched::state::sched::SCHED;
use crate::sched::state::section::Section;
use crate::sched::wake::{idle, sleep as wait, timers};
use crate::sys::clock::nanotime;
use std::ptr;

/// `m` has found `g`, which stays with `home`; it hands its P over if `home` needs one.
pub(super) fn post(m: &mut Section, home: &'static M, g: Runnable) {
    match home.home.post(g) {
        Posted::Queued => {}
        Posted::Wake => wait::hand_p(m, home),
        Posted::Start => {
            let p = m.release_p().expect("looks for work with a P");
            // SAFETY: it has no thread, and its home says so to one who posts, until that thread is refused.
            idle::start_home(unsafe { FreeM::new(home) }, p);
        }
    }
}

/// What to run next on `m`, a home.
pub(super) fn next(m: &mut Section) -> Found {
    let mut inherits_slice = true;
    loop {
        // While one of them panics or has asked for the thread, the others wait.
        let only = m.locked_g();
        let Some(p) = m.p() else {
            if m.home.rest(only) {
                wait::sleep_until_posted(m);
            } else if !wait::take_idle_p(m) {
                m.stands_here();
                SCHED.put_in_line(m.m(), nanotime());
                idle::wakep();
                // It may come back without a P: see `pause::relieve`.
                wait::sleep_for_turn(m);
            }
            inherits_slice = false;
            continue;
        };
        timers::check(&p);
        if p.is_asked() {
            attend(m);
            continue;
        }
        if let Some(g) = own_next(m, &p, only).or_else(|| m.home.take(only)) {
            return Found::of_home(g, inherits_slice);
        }
        give_up_p(m);
    }
}

/// The goroutine that the last one has woken, if it stays here too. Others are for other threads.
fn own_next(m: &Section, p: &OwnP<'_>, only: Option<GRef>) -> Option<Runnable> {
    let g = p.take_next()?;
    let lives_here = ptr::eq(g.locked_m.get().cast(), m.m());
    if lives_here && only.is_none_or(|only| only == g.g()) {
        return Some(g);
    }
    p.put(g);
    idle::wakep();
    None
}

fn give_up_p(m: &mut Section) {
    if let Some(p) = m.release_p() {
        idle::handoffp(p);
    }
}

/// The slice of all that live here is over, or the P is to retire: the M may have none afterwards.
#[cold]
#[inline(never)]
fn attend(m: &mut Section) {
    let Some(p) = m.p() else { return };
    if p.answer() == Some(Asked::Retire) {
        if let Some(p) = m.release_p() {
            idle::put_away(p);
        }
        return;
    }
    if let Some(g) = p.take_next() {
        p.put(g);
    }
    if p.has_queued() || SCHED.has_global_work() {
        give_up_p(m);
    }
}
