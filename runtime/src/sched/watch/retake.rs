//! sysmon's round over the Ps: which M loses its P, and which goroutine is asked to give way (Go's `retake`).

use super::pause;
use crate::sched::state::m::M;
use crate::sched::state::p::P;
use crate::sched::state::sched::SCHED;
use crate::sched::state::section::{Examine, Examined, examine};
use crate::sched::state::slice::{self, SLICE};
use crate::sched::state::{godebug, hog, tracing};
use crate::sched::wake::{idle, preempt};
use crate::sys::{clock::nanotime, thread};

const MS: i64 = 1_000_000;
/// A thread that is inside the runtime for this long, and sleeps there, waits for a lock; if goroutines
/// are paused meanwhile one of them may hold it.
const STUCK: i64 = 5 * MS;
/// A P is on its way to a thread for this long: the thread waits for a lock before it can take it. (It may
/// also wait for a CPU, as all others do on a busy machine: so this is long.)
const UNDER_WAY: i64 = 1_000 * MS;
/// A goroutine in `run_next` waits for this much CPU time of the one before it, then a thief is invited.
const LONELY: i64 = 50_000;
/// A goroutine that is in the runtime whenever its P is to be taken is left alone for this long: each
/// try interrupts its thread.
const AGAIN: i64 = 200_000;
/// A thread that has not run for this long while others wait is looked at: if it blocks it loses its P.
const STILL: i64 = 500_000;
/// A thread was seen in a bracketed call: is it still there after this long?
const CALL: i64 = 80_000;

/// What it saw of a P in an earlier round.
#[derive(Clone, Copy)]
struct Seen {
    slice: u64,
    switches: u32,
    syscall_tick: u32,
    in_syscall: bool,
    /// When the slice and the goroutine were first seen.
    slice_since: i64,
    run_since: i64,
    /// The thread and its CPU time when the goroutine was first seen, and whether it was asked.
    tid: i32,
    cpu: i64,
    asked: bool,
    /// Its slice is over.
    over: bool,
    /// It may block: when to look again.
    look_at: i64,
    /// Its P could not be taken: sysmon does not try again before this time.
    again: i64,
    /// When sysmon last looked whether the thread runs, and its CPU time then.
    looked: (i64, i64),
    /// Since when its M has been inside the runtime with the same goroutine, or it had no M.
    inside: Option<i64>,
    /// When a goroutine was first seen alone in `run_next`, and its thread's CPU time then.
    lonely: Option<(i64, i64)>,
}

impl Seen {
    fn nothing() -> Self {
        Seen {
            slice: 0,
            switches: 0,
            syscall_tick: 0,
            in_syscall: false,
            slice_since: 0,
            run_since: 0,
            tid: 0,
            cpu: 0,
            asked: false,
            over: false,
            look_at: i64::MAX,
            again: 0,
            looked: (0, 0),
            inside: None,
            lonely: None,
        }
    }
}

/// See the [module](self).
pub(super) struct Retaker {
    seen: Vec<Seen>,
    /// When the first of the running slices ends.
    pub(super) slice_ends: i64,
    /// No other slice is ended for the Ms in line before this time.
    next_turn: i64,
    /// A goroutine was asked to give way: look again at once.
    pub(super) soon: bool,
    /// When to look again at the latest, since one may block.
    pub(super) look_at: i64,
}

impl Retaker {
    pub(super) fn new() -> Self {
        Retaker {
            seen: Vec::new(),
            slice_ends: i64::MAX,
            next_turn: 0,
            soon: false,
            look_at: i64::MAX,
        }
    }

    /// Go's `retake`: was a P taken?
    pub(super) fn round(&mut self, now: i64, pauser: &mut pause::Pauser) -> bool {
        let mut took = false;
        self.slice_ends = i64::MAX;
        self.soon = false;
        self.look_at = i64::MAX;
        for (i, p) in SCHED.ps().enumerate() {
            if self.seen.len() <= i {
                self.seen.push(Seen::nothing());
            }
            let seen = &mut self.seen[i];
            look_for_stuck(seen, p, now);
            let Some(m) = p.owner() else {
                seen.lonely = None;
                if p.turn_began() > seen.slice_since {
                    // On its way to an M in line, whose slice may be short.
                    self.look_at = self.look_at.min(now + STILL);
                }
                continue;
            };
            if m.pause.is_running() {
                let did = look_at(seen, p, m, now, &mut self.next_turn, pauser);
                self.look_at = self.look_at.min(seen.look_at);
                match did {
                    Did::Nothing | Did::Interrupt => {}
                    Did::Ask => self.soon = true,
                    Did::Take => took = true,
                }
                let slice = slice::of(m);
                let latest = seen.slice_since + slice + slice / 2;
                let end = (seen.slice_since + slice).max(self.next_turn.min(latest));
                if end > now {
                    self.slice_ends = self.slice_ends.min(end);
                }
            }
        }
        took
    }

    /// Is an M in a bracketed call that was not when sysmon looked? It may not have called sysmon.
    pub(super) fn misses_a_call(&self) -> bool {
        let seen = SCHED.ps().zip(&self.seen);
        let mut calls = seen.filter_map(|(p, seen)| Some((p.owner()?, p, seen)));
        calls.any(|(m, p, seen)| {
            m.is_in_call() && (!seen.in_syscall || seen.syscall_tick != p.calls())
        })
    }
}

/// The result of a look at a P.
enum Did {
    Nothing,
    /// The goroutine has been asked to give way.
    Ask,
    /// Its thread has been interrupted: its handler says how that went.
    Interrupt,
    /// The P was taken.
    Take,
}

impl Did {
    fn take_if(took: bool) -> Did {
        if took { Did::Take } else { Did::Nothing }
    }
}

/// Goroutines are paused, and a P does not get on: its M sleeps inside the runtime, or none could be
/// made for it.
fn look_for_stuck(seen: &mut Seen, p: &'static P, now: i64) {
    if !SCHED.has_line() || p.is_retired() {
        seen.inside = None;
        return;
    }
    let m = p.owner();
    let inside = m.is_none_or(M::is_inside);
    let same = seen.switches == p.switches();
    if !inside || !same {
        seen.inside = None;
        return;
    }
    let time = now - *seen.inside.get_or_insert(now);
    let stuck = m.map_or(time >= UNDER_WAY, |m| {
        time >= STUCK && thread::is_blocked(m.tid())
    });
    if stuck {
        seen.inside = None;
        pause::relieve();
    }
}

/// Is there anything that `p` could do, if its M does not?
fn work_for(p: &P, now: i64) -> bool {
    p.has_next()
        || p.has_queued()
        || SCHED.has_global_work()
        || p.timers.first() <= now
        || p.is_retired()
}

/// Is there nothing for `p` to do except what waits in line? Slices that end only for the line's sake end one after
/// another, not together. Else, of three loops on two Ps, the two that stop at the same time would give their Ps to the
/// third and to one of themselves, the same one each time.
fn only_the_line_wants(p: &P, now: i64) -> bool {
    SCHED.has_line()
        && !p.has_next()
        && !p.has_queued()
        && SCHED.queued() == 0
        && p.timers.first() > now
        && !p.is_retired()
}

fn look_at(
    seen: &mut Seen,
    p: &'static P,
    m: &'static M,
    now: i64,
    next_turn: &mut i64,
    pauser: &mut pause::Pauser,
) -> Did {
    let slice_mark = p.slice_mark();
    let switches = p.switches();
    let syscall_tick = p.calls();
    let in_syscall = m.is_in_call();
    let same_syscall = in_syscall && seen.in_syscall && seen.syscall_tick == syscall_tick;
    let same_run = seen.switches == switches && seen.tid == m.tid();
    if seen.look_at <= now || !same_run {
        seen.look_at = i64::MAX;
    }
    if in_syscall && !same_syscall {
        seen.look_at = now + CALL;
    }
    if seen.slice != slice_mark || !same_run {
        // One that stood in line goes on: since when, and with which CPU time, is known.
        let turn_began = p.turn_began();
        let resumes = turn_began > seen.slice_since && m.hog.is_hog();
        let since = if resumes { turn_began } else { now };
        if seen.slice != slice_mark {
            seen.slice_since = since;
            seen.over = false;
        }
        if !same_run {
            seen.run_since = since;
            seen.tid = m.tid();
            let cpu = thread::cpu_time(seen.tid).unwrap_or(0);
            seen.cpu = if resumes { m.hog.used() } else { cpu };
            seen.asked = false;
            seen.again = 0;
            seen.looked = (now, cpu);
            if cpu - seen.cpu < (now - since) / 2 {
                // It blocks, or waits for a CPU.
                seen.look_at = seen.look_at.min(now + STILL);
            }
        }
    }
    seen.slice = slice_mark;
    seen.switches = switches;
    seen.syscall_tick = syscall_tick;
    seen.in_syscall = in_syscall;

    if same_syscall {
        // Already seen in the same bracketed call, so it has been there for 20 us at least.
        let nobody_else = SCHED.idle.ps() + SCHED.idle.spinning() == 0;
        if work_for(p, now) || nobody_else || now - seen.run_since > SLICE {
            return Did::take_if(take(p, m, false));
        }
        return Did::Nothing;
    }
    if in_syscall {
        return Did::Nothing;
    }
    let slices_end = godebug::slices_end();
    if slices_end
        && same_run
        && now - seen.looked.0 >= STILL
        && work_for(p, now)
        && stands_still(seen, now)
    {
        return Did::take_if(take(p, m, false));
    }
    // A goroutine waits in `run_next` while this one runs on, and a P is idle: invite a thief.
    if p.has_next() && same_run && SCHED.idle.ps() > 0 {
        let cpu = || thread::cpu_time(seen.tid).unwrap_or(i64::MAX);
        match seen.lonely {
            None => seen.lonely = Some((now, cpu())),
            Some((since, then)) if runs_on(seen.tid, now - since, cpu() - then) => idle::wakep(),
            Some(_) => {}
        }
    } else {
        seen.lonely = None;
    }
    let slice = slice::of(m);
    if !slices_end || now - seen.slice_since < slice {
        return Did::Nothing;
    }
    if !seen.over {
        if only_the_line_wants(p, now) {
            // Bounded, since with many Ps, or if we are late, there may be no room for all one after another.
            if now < *next_turn && now - seen.slice_since < slice + slice / 2 {
                return Did::Nothing;
            }
            *next_turn = now + slice / (2 * SCHED.procs() as i64);
        }
        seen.over = true;
    }
    if same_run && SCHED.has_line() && is_starved(seen, now, slice) {
        return Did::Nothing;
    }
    m.hog.begins_with(seen.cpu);
    ask(p, m);
    if !same_run || now - seen.run_since < slice || !work_for(p, now) || now < seen.again {
        return Did::Nothing;
    }
    let did = long_runner(seen, p, m, slice, pauser);
    if matches!(did, Did::Nothing) {
        seen.again = now + AGAIN;
    }
    did
}

/// Does the goroutine on this thread keep its `run_next` waiting? It has computed for a while, or it
/// blocks. A thread that only waits for a CPU does neither, and a thief would need that CPU too.
fn runs_on(tid: i32, waited: i64, ran: i64) -> bool {
    ran >= LONELY || (waited >= 10 * LONELY && thread::is_blocked(tid))
}

/// Does the thread block, in a call that is not bracketed? One that only waits for a CPU does not.
fn stands_still(seen: &mut Seen, now: i64) -> bool {
    let cpu = thread::cpu_time(seen.tid).unwrap_or(i64::MAX);
    let (_, before) = std::mem::replace(&mut seen.looked, (now, cpu));
    cpu - before < STILL / 10 && thread::may_be_blocked(seen.tid) && idle::threads_left()
}

/// Has the system kept the thread from running for most of the slice? More Ps than CPUs: a goroutine that answers would get
/// in line for a slice that it has not had. (Looked at again after a while.)
fn is_starved(seen: &mut Seen, now: i64, slice: i64) -> bool {
    if seen.asked {
        return false;
    }
    if now < seen.again {
        return true;
    }
    let cpu = thread::cpu_time(seen.tid).unwrap_or(i64::MAX);
    let starved = cpu - seen.cpu < slice / 2;
    if starved {
        seen.again = now + AGAIN;
    }
    starved
}

/// Asks the goroutine on `p` to give way.
fn ask(p: &P, m: &M) {
    p.ask();
    m.ask();
}

/// One goroutine has been on its P for a slice while others wait, and has not answered.
fn long_runner(
    seen: &mut Seen,
    p: &'static P,
    m: &'static M,
    slice: i64,
    pauser: &mut pause::Pauser,
) -> Did {
    let cpu = thread::cpu_time(seen.tid).unwrap_or(i64::MAX);
    let ran = cpu - seen.cpu;
    if ran < slice / 2 {
        // The system starves it, or it is about to be seen standing still.
        return Did::Nothing;
    }
    if !std::mem::replace(&mut seen.asked, true) && !m.hog.is_silent() {
        // It has one round to answer, unless it did not in its turn before.
        return Did::Ask;
    }
    if thread::is_blocked(seen.tid) {
        // It has computed, but blocks now.
        return Did::take_if(idle::threads_left() && take(p, m, false));
    }
    if pause::on() {
        // (Who is in line needs no other thread.)
        let may = idle::threads_left() || SCHED.has_line();
        let began = may && pauser.begin(m, Some(p), nanotime());
        return if began { Did::Interrupt } else { Did::Nothing };
    }
    let room = m.hog.is_hog() || hog::all() < preempt::loose_limit();
    let may = (room || preempt::has_earned(ran)) && idle::threads_left();
    Did::take_if(may && take(p, m, true))
}

/// Takes the P from its M and runs it elsewhere.
fn take(p: &'static P, m: &'static M, hog: bool) -> bool {
    match examine(m, p, Examine::Take { hog }) {
        Examined::Took(p) => {
            if tracing::on() {
                tracing::retaken(m, p.id, m.is_in_call());
            }
            idle::handoffp(p);
            true
        }
        _ => false,
    }
}
