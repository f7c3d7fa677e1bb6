//! What `park`, `ready` and `spawn` do for a goroutine of a bubble, and the points of an exploration.
//!
//! Called only for goroutines with [`flag::FAMILY`]; those that are in no bubble are passed on.

use super::bubble::{self, Bubble, State, wake_other};
use super::explorer::{self, Explorer};
use super::members::{self, Family, current_id};
use crate::g::{GRef, Me, WaitReason, flag};
use crate::panic::may_block;
use crate::sched::state::commit::Commit;
use crate::sched::state::fatal;
use crate::sched::state::hooks::{self, Hooks};
use crate::sched::state::m::me;
use crate::sched::state::mine::Here;
use crate::sched::state::runnable::Runnable;
use crate::sched::wake::park::{hand_over, switch};
use std::mem::ManuallyDrop;
use std::sync::Arc;

/// `park` for a goroutine that belongs to a family.
#[cold]
#[inline(never)]
fn park_in_family(here: Here, reason: WaitReason, commit: Commit) {
    let g = here.g;
    // The root is not counted, and one that has queued itself with the scheduler goes on running.
    let uncounted = matches!(reason, WaitReason::SynctestRun | WaitReason::None);
    let Some(bubble) = members::bubble_of(g).filter(|_| !uncounted) else {
        return switch(here, reason, commit);
    };
    // Where an exploration looks for deadlocks, one of its own goroutines holds the lock.
    let durably = reason.is_durable() || bubble.explores && reason.is_lock();
    g.set_flag(flag::DURABLE, durably);
    let mut depart = ManuallyDrop::new(move || {
        let parked = commit.run();
        if parked {
            bubble.parked(durably);
        }
        parked
    });
    // SAFETY: the frame waits at least until the closure has been moved. What it does is the caller's, and then it
    // takes a lock for a moment.
    switch(here, reason, unsafe { Commit::new(&mut depart) });
}

/// The caller is about to queue `g`, which has been woken. `None`: the bubble has taken it.
#[cold]
#[inline(never)]
fn readied(g: Runnable) -> Option<Runnable> {
    let Some(bubble) = members::bubble_of(g.g()) else {
        return Some(g);
    };
    let durably = g.has(flag::DURABLE);
    if !durably && !bubble.explores {
        return Some(g);
    }
    g.set_flag(flag::DURABLE, false);
    let semaphore = matches!(
        g.reason(),
        WaitReason::SyncCondWait | WaitReason::WaitGroupDurable
    );
    if durably && semaphore && current_id() != bubble.id {
        fatal::throw("semaphore wake of synctest goroutine from outside bubble");
    }
    bubble.unparked(g, durably)
}

/// [`gosched`](crate::sched::gosched) of a goroutine whose bubble explores; else `false`.
#[cold]
#[inline(never)]
fn yields(here: Here) -> bool {
    let g = here.g;
    let Some(bubble) = members::bubble_of(g).filter(|b| b.explores) else {
        return false;
    };
    hand_over(WaitReason::None, move |me| {
        let mut s = bubble.lock();
        s.turn_ends();
        s.keep_back(me);
        let next = s.next();
        drop(s);
        wake_other(next, g)
    });
    true
}

/// The running goroutine of a bubble that explores.
fn explored() -> Option<(Me, Arc<Bubble>)> {
    let g = me()?;
    Some((g, members::bubble().filter(|b| b.explores)?))
}

/// Before an operation that may block: in a bubble that explores, another goroutine may get its turn.
#[inline(always)]
pub(crate) fn point() {
    #[cold]
    #[inline(never)]
    fn maybe_yield() {
        let Some((g, bubble)) = explored() else {
            return;
        };
        let draw = |s: &mut State| s.explorer.as_mut().is_some_and(Explorer::preempts);
        if std::thread::panicking() || !may_block(g) || !draw(&mut bubble.lock()) {
            return;
        }
        if let Some(here) = Here::get() {
            yields(here);
        }
    }
    if explorer::running() {
        maybe_yield();
    }
}

/// A number of the caller's explorer, if it has one.
#[inline(always)]
pub(crate) fn random() -> Option<u32> {
    #[cold]
    #[inline(never)]
    fn draw() -> Option<u32> {
        let (_, bubble) = explored()?;
        bubble.lock().explorer.as_mut().map(Explorer::random)
    }
    if explorer::running() { draw() } else { None }
}

/// The seed of the exploration that `g`, which dies here, is part of.
fn seed_of(g: GRef) -> Option<u64> {
    let bubble = members::bubble_of(g)?;
    bubble.lock().explorer.as_ref().map(Explorer::seed)
}

/// A family inside the caller's; `bubble` if it is to have one of its own.
pub(crate) fn family(bubble: Option<Arc<Bubble>>) -> Arc<Family> {
    hooks::register(&Hooks {
        park: park_in_family,
        readied,
        yields,
        inherit: members::inherit,
        leave: members::leave,
        bubble_of: bubble::of_goroutine,
        seed_of,
    });
    Family::new(bubble)
}
