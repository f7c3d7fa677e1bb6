//! What goroutines are doing, as text, in Go's traceback format.

use super::parked;
use super::traceback::{ancestors, created_by, created_own, frames, labels, named, running};
use crate::g::{GRef, Status, flag, glimpse::Glimpse};
use crate::sched::state::level::{Level, Who};
use crate::sched::state::m::current_g;
use crate::sched::state::sched::SCHED;
use crate::sched::state::{freeze, hooks};
use crate::stack::arena;
use crate::sys::walk::Copy;
use std::backtrace::Backtrace;
use std::fmt::Write;
#[cfg(feature = "pprof")]
use std::panic::Location;

/// Appends what a dying process shows.
pub(crate) fn append(out: &mut String, who: Who) {
    let level = Level::from_env();
    if level == Level::None {
        return;
    }
    let me = current_g();
    if let Some(g) = me {
        out.push('\n');
        running(out, g);
        if who != Who::CurrentBriefly {
            frames(out, &Backtrace::force_capture(), level);
        }
        created_own(out, g);
    }
    if who == Who::AllAsleep || level >= Level::All {
        let mut stacks = Stacks::new();
        for g in all(level).into_iter().filter(|g| Some(g.g) != me) {
            one(out, &g, stacks.as_mut(), level);
        }
    }
}

/// Where the dying goroutine was made, and the others if `GOTRACEBACK` asks for them.
pub(crate) fn append_others(out: &mut String, dying: GRef, level: Level) {
    created_own(out, dying);
    if level >= Level::All {
        let mut stacks = Stacks::new();
        for g in all(level).into_iter().filter(|g| g.g != dying) {
            one(out, &g, stacks.as_mut(), level);
        }
    }
}

/// How many parked goroutines show their stacks: symbolising them takes time.
const MOST_STACKS: usize = 1000;

/// Stacks of parked goroutines, as long as there are not too many.
struct Stacks {
    copy: Copy,
    left: usize,
}

impl Stacks {
    fn new() -> Option<Stacks> {
        let copy = Copy::new()?;
        Some(Stacks {
            copy,
            left: MOST_STACKS,
        })
    }

    fn of(&mut self, g: &Glimpse) -> Option<Backtrace> {
        self.left = self.left.checked_sub(1)?;
        match freeze::stopped_at(g.g) {
            Some(at) => parked::of_stopped(g.g, at, &mut self.copy),
            None => parked::backtrace(g, &mut self.copy),
        }
    }
}

/// Every goroutine, for a process that is about to die by SIGQUIT.
pub(crate) fn append_all(out: &mut String) {
    let level = Level::from_env();
    if level == Level::None {
        return;
    }
    let mut stacks = Stacks::new();
    for g in all(level) {
        one(out, &g, stacks.as_mut(), level);
    }
}

/// Every goroutine that there is, oldest first.
pub(super) fn all(level: Level) -> Vec<Glimpse> {
    let mut list = Vec::new();
    Glimpse::each(|g| list.push(g));
    list.retain(|g| level >= Level::System || !g.is_system());
    // Of one that has begun meanwhile, what was seen last.
    list.reverse();
    list.sort_by_key(|g| g.id);
    list.dedup_by_key(|g| g.id);
    list
}

/// `goroutine 7 [chan receive, 2 minutes]:` and what is known of where.
fn one(out: &mut String, g: &Glimpse, stacks: Option<&mut Stacks>, level: Level) {
    let _ = write!(out, "\ngoroutine {} [{}", g.id, state(g));
    if g.has(flag::DURABLE) && g.status == Status::Waiting && !state(g).ends_with("(durable)") {
        out.push_str(" (durable)");
    }
    if g.status == Status::Waiting {
        let minutes = (SCHED.coarse_now() - g.wait_since) / 60_000_000_000;
        if g.wait_since != 0 && minutes >= 1 {
            let _ = write!(out, ", {minutes} minutes");
        }
    }
    if g.locked {
        out.push_str(", locked to thread");
    }
    if g.has(flag::FAMILY)
        && let Some(bubble) = (hooks::get().bubble_of)(g.id)
    {
        let _ = write!(out, ", synctest bubble {bubble}");
    }
    out.push(']');
    if g.has(flag::LABELLED) {
        labels(out, g.id);
    }
    out.push_str(":\n");
    if g.has(flag::NAMED) {
        named(out, g.id);
    }
    if let Some(stacks) = stacks
        && let Some(trace) = stacks.of(g)
    {
        frames(out, &trace, level);
    }
    if !g.has(flag::MAIN) {
        created_by(out, g.parent, g.created_at);
    }
    if g.has(flag::ANCESTRY) {
        ancestors(out, g.id, level);
    }
}

/// Go's word for what a goroutine is doing.
pub(super) fn state(g: &Glimpse) -> &'static str {
    match g.status {
        Status::Idle => "idle",
        Status::Runnable => "runnable",
        Status::Running => "running",
        Status::Syscall => "syscall",
        Status::Dead => "dead",
        Status::Waiting => g.reason.text(),
    }
}

/// This goroutine, as Go's `debug.Stack`.
pub(crate) fn stack() -> String {
    let mut out = String::new();
    match current_g() {
        Some(g) => {
            running(&mut out, g);
            frames(&mut out, &Backtrace::force_capture(), Level::Single);
            created_own(&mut out, g);
        }
        None => frames(&mut out, &Backtrace::force_capture(), Level::Single),
    }
    out
}

/// Every goroutine, as Go's `runtime.Stack(.., true)`.
pub(crate) fn stack_all() -> String {
    let mut out = stack();
    let me = current_g();
    let mut stacks = Stacks::new();
    for g in all(Level::Single) {
        if Some(g.g) != me {
            one(&mut out, &g, stacks.as_mut(), Level::Single);
        }
    }
    out
}

/// Each goroutine: what it does, and its frames in Go's shape, as far as they are known.
#[cfg(feature = "pprof")]
pub(crate) fn each() -> Vec<(&'static str, Option<&'static Location<'static>>, String)> {
    let me = current_g();
    let mut stacks = Stacks::new();
    let with_frames = |g: Glimpse| {
        let trace = if Some(g.g) == me {
            Some(Backtrace::force_capture())
        } else {
            stacks.as_mut().and_then(|stacks| stacks.of(&g))
        };
        let mut text = String::new();
        if let Some(trace) = trace {
            frames(&mut text, &trace, Level::Single);
        }
        (state(&g), g.created_at, text)
    };
    all(Level::Single).into_iter().map(with_frames).collect()
}

/// These goroutines, each if it is still there: a number, what it does, where it was made.
pub(crate) fn some(list: &[(u64, GRef)]) -> String {
    let mut out = String::new();
    for &(id, g) in list {
        // Its header may be gone, so this does not go by what the header says.
        let here = arena::slot_at(g.as_ptr() as usize);
        let seen = here.and_then(|(slot, class)| Glimpse::of_slot(slot, class));
        if let Some(g) = seen.filter(|g| g.id == id) {
            one(&mut out, &g, None, Level::Single);
        }
    }
    out
}
