//! What goroutines are doing, as text: Go's traceback format and the schedtrace.

use super::global::SCHED;
use super::m::M;
use super::park::current_g;
use super::{bubble, freeze, godebug, lineage, parked, spawn, threads};
use crate::g::{GRef, Status, glimpse::Glimpse, header::flag};
use crate::stack::overflow::{self, Overflow};
use crate::stack::{arena, guard};
use crate::sys::fault;
use crate::sys::walk::Copy;
use std::backtrace::Backtrace;
use std::fmt::Write;
use std::panic::Location;
use std::sync::atomic::Ordering;

/// Whose stacks to print.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// The current goroutine; others only if `GOTRACEBACK` says so.
    Current,
    /// The same, but only the first frames: there may be a million.
    CurrentBriefly,
    /// All.
    AllAsleep,
}

/// `GOTRACEBACK`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    None,
    Single,
    All,
    System,
    Crash,
}

impl Level {
    pub(crate) fn from_env() -> Level {
        match std::env::var("GOTRACEBACK").as_deref() {
            Ok("none" | "0") => Level::None,
            Ok("all" | "1") => Level::All,
            Ok("system" | "2") => Level::System,
            Ok("crash") => Level::Crash,
            _ => Level::Single,
        }
    }
}

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
    arena::for_each_live(|slot, class| {
        list.extend(Glimpse::of_slot(slot, class));
    });
    list.retain(|g| level >= Level::System || !g.is_system());
    list.sort_by_key(|g| g.id);
    list
}

/// `goroutine 7 [chan receive, 2 minutes]:` and what is known of where.
fn one(out: &mut String, g: &Glimpse, stacks: Option<&mut Stacks>, level: Level) {
    let _ = write!(out, "\ngoroutine {} [{}", g.id, state(g));
    if g.has(flag::DURABLE) && g.status == Status::Waiting && !state(g).ends_with("(durable)") {
        out.push_str(" (durable)");
    }
    if g.status == Status::Waiting {
        let minutes = (SCHED.now.load(Ordering::Relaxed) - g.wait_since) / 60_000_000_000;
        if g.wait_since != 0 && minutes >= 1 {
            let _ = write!(out, ", {minutes} minutes");
        }
    }
    if g.locked {
        out.push_str(", locked to thread");
    }
    if g.has(flag::FAMILY)
        && let Some(bubble) = bubble::of_goroutine(g.id)
    {
        let _ = write!(out, ", synctest bubble {bubble}");
    }
    out.push(']');
    if g.has(flag::LABELLED) {
        labels(out, g.id);
    }
    out.push_str(":\n");
    if g.has(flag::NAMED)
        && let Some(name) = spawn::names().get(&g.id)
    {
        let _ = writeln!(out, "\tnamed {name:?}");
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

/// `goroutine 7 [running]:` for the goroutine that runs here, or that has died.
pub(crate) fn running(out: &mut String, g: GRef) {
    let id = g.id.load(Ordering::Relaxed);
    let _ = write!(out, "goroutine {id} [running]");
    if g.has(flag::LABELLED) {
        labels(out, id);
    }
    out.push_str(":\n");
}

/// ` {key: value, ..}`, unless `GODEBUG=tracebacklabels=0` says no.
fn labels(out: &mut String, id: u64) {
    if godebug::number("tracebacklabels") == Some(0) {
        return;
    }
    let Some(labels) = lineage::labels_of(id) else {
        return;
    };
    for (i, (key, value)) in labels.iter().enumerate() {
        let _ = write!(out, "{}{key}: {value}", if i == 0 { " {" } else { ", " });
    }
    if !labels.is_empty() {
        out.push('}');
    }
}

/// Who started it, and who started that one: `GODEBUG=tracebackancestors=N`.
fn ancestors(out: &mut String, id: u64, level: Level) {
    let mut next = lineage::ancestors_of(id);
    for _ in 0..lineage::depth() {
        let Some(ancestor) = next else { return };
        let _ = writeln!(out, "[originating from goroutine {}]:", ancestor.id);
        frames(out, &ancestor.trace, level);
        next = ancestor.older.clone();
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

fn created_by(out: &mut String, parent: u64, at: Option<&'static Location<'static>>) {
    let Some(at) = at else { return };
    if parent == 0 {
        let _ = writeln!(out, "created at");
    } else {
        let _ = writeln!(out, "created by goroutine {parent}");
    }
    let _ = writeln!(out, "\t{}:{}", at.file(), at.line());
}

/// The same for a goroutine that the caller runs on.
fn created_own(out: &mut String, g: GRef) {
    if !g.has(flag::MAIN) {
        created_by(out, g.parent.load(Ordering::Relaxed), g.created_at());
    }
    if g.has(flag::ANCESTRY) {
        ancestors(out, g.id.load(Ordering::Relaxed), Level::from_env());
    }
}

/// A backtrace in Go's shape: a function a line, its place below. Ours and std's frames are left
/// out below `GOTRACEBACK=system`.
pub(crate) fn frames(out: &mut String, trace: &Backtrace, level: Level) {
    let text = trace.to_string();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((_, name)) = line.trim_start().split_once(": ") else {
            continue;
        };
        let place = lines
            .next_if(|l| l.trim_start().starts_with("at "))
            .map(|l| l.trim_start().trim_start_matches("at "));
        if level < Level::System {
            // Below the goroutine's root is only the thread that happens to run it.
            if name.contains("run_body") && place.is_none_or(|p| p.contains("sched/spawn.rs")) {
                break;
            }
            if is_internal(name, place) {
                continue;
            }
        }
        let _ = writeln!(out, "{name}(...)");
        if let Some(place) = place {
            let place = place.rsplit_once(':').map_or(place, |(p, _column)| p);
            let _ = writeln!(out, "\t{place}");
        }
    }
}

/// Frames of the machinery (ours, std's, the switch): the reader wants his own.
fn is_internal(name: &str, place: Option<&str>) -> bool {
    let in_crate = |place: &str| {
        // `runtime/src/`, however this crate was named when it was compiled.
        let root = file!().trim_end_matches("sched/dump.rs");
        place.contains(root) || place.contains("/rustc/") || place.contains("/corosensei-")
    };
    match place {
        Some(place) => in_crate(place),
        None => {
            let name = name.trim_start_matches('<');
            let crates = ["std::", "core::", "alloc::", "goroutines::", "corosensei::"];
            let symbols = [
                "rust_",
                "_rust",
                "__rust",
                "stack_",
                "_Unwind",
                "goroutines_walk",
            ];
            crates.iter().chain(&symbols).any(|p| name.starts_with(p))
        }
    }
}

// ------------------------------------------------------------------ public dumps

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

/// These goroutines, each if it is still there: a number, what it does, where it was made.
pub(crate) fn some(list: &[(u64, GRef)]) -> String {
    let mut out = String::new();
    for &(id, g) in list {
        // Its header may be gone, so not by what it says.
        let here = arena::slot_at(g.as_ptr() as usize);
        let seen = here.and_then(|(slot, class)| Glimpse::of_slot(slot, class));
        if let Some(g) = seen.filter(|g| g.id == id) {
            one(&mut out, &g, None, Level::Single);
        }
    }
    out
}

// ------------------------------------------------------------------ from a signal handler

/// Whose stack has run into its guard, in Go's words. Async-signal-safe: no allocation, no lock.
pub(crate) fn overflow_head(slot: arena::SlotId, class: u8, write: &mut dyn FnMut(&[u8])) {
    write(b"runtime: goroutine stack exceeds ");
    number(arena::size_of_class(class) as u64, write);
    write(b"-byte limit\nfatal error: stack overflow\n\ngoroutine ");
    number(owner(slot, class).id.load(Ordering::Relaxed), write);
    write(b" [running]:\n");
}

/// A slot is a goroutine's own or a segment of one: each has its owner at the top.
fn owner(slot: arena::SlotId, class: u8) -> GRef {
    super::grow::segment_owner(slot, class).unwrap_or(GRef::of_slot(slot, class))
}

/// Where that goroutine was made, likewise.
pub(crate) fn overflow_origin(slot: arena::SlotId, class: u8, write: &mut dyn FnMut(&[u8])) {
    let g = owner(slot, class);
    if let Some(at) = g.created_at().filter(|_| !g.has(flag::MAIN)) {
        write(b"created at\n\t");
        write(at.file().as_bytes());
        write(b":");
        number(u64::from(at.line()), write);
        write(b"\n");
    }
}

/// On another thread: the first frames of the stack that ran over, and the end of the process.
pub(crate) fn report_overflow(o: Overflow) -> ! {
    /// So many lines, two a frame, are shown.
    const LINES: usize = 20;
    let g = owner(o.slot, o.class);
    let mut out = String::new();
    if g.has(flag::NAMED)
        && let Some(name) = spawn::names().get(&g.id.load(Ordering::Relaxed))
    {
        let _ = writeln!(out, "\tnamed {name:?}");
    }
    let level = Level::from_env();
    if level > Level::None
        && let Some(mut copy) = Copy::new()
    {
        let base = arena::slot_base(o.slot);
        let size = arena::size_of_class(o.class);
        let top = match super::grow::segment_owner(o.slot, o.class) {
            Some(_) => super::grow::segment_bounds(o.slot, o.class).1,
            None => g.as_ptr() as usize,
        };
        if (base..top).contains(&o.at.sp()) {
            // SAFETY: the goroutine stands still in its handler, so the slot is nobody else's; its stack pointer
            // may be inside the guard, which nobody needs any more. Then the slot is readable.
            let trace = unsafe {
                guard::remove(base, guard::len(size));
                copy.fill(o.at.sp(), top);
                (copy.cut() || copy.is_part(o.at.sp(), top)).then(|| copy.backtrace(o.at))
            };
            let mut all = String::new();
            if let Some(trace) = trace {
                frames(&mut all, &trace, level);
            }
            for line in all.lines().take(LINES) {
                let _ = writeln!(out, "{line}");
            }
            if all.lines().count() > LINES {
                out.push_str("...additional frames elided...\n");
            }
        }
    }
    created_own(&mut out, g);
    fault::write(out.as_bytes());
    fault::write(overflow::REMEDY);
    fault::exit(2)
}

fn number(mut n: u64, write: &mut dyn FnMut(&[u8])) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    write(&digits[at..]);
}

// ------------------------------------------------------------------ schedtrace

/// Go's `SCHED` line, and the details, on stderr.
pub(crate) fn sched_trace(ms: i64, detail: bool) {
    let load = Ordering::Relaxed;
    let procs = SCHED.procs.load(load);
    let mut out = format!(
        "SCHED {ms}ms: gomaxprocs={procs} idleprocs={} threads={} spinningthreads={} \
         needspinning={} idlethreads={} runqueue={}",
        SCHED.idle_ps.load(load),
        SCHED.threads.load(load) + 1,
        SCHED.spinning.load(load),
        u8::from(SCHED.need_spinning.load(load)),
        SCHED.idle_ms.load(load),
        SCHED.queue_len.load(load),
    );
    let ps = || SCHED.ps().take(procs);
    if detail {
        let waits = |m: &&M| m.waits_locked.load(load) && !threads::is_first(m);
        let idle_locked = SCHED.ms().filter(waits).count();
        let gs = all(Level::Single);
        let id = |m: &M| m.id.to_string();
        let nil = || "nil".to_owned();
        let _ = writeln!(
            out,
            " gcwaiting=false nmidlelocked={idle_locked} stopwait=0 sysmonwait=false"
        );
        for p in ps() {
            let m = p.owner().map_or_else(nil, id);
            let _ = writeln!(
                out,
                "  P{}: status={} schedtick={} syscalltick={} m={m} runqsize={} gfreecnt=0 timerslen={}",
                p.id,
                u8::from(p.owner().is_some()),
                p.sched_tick.load(load),
                p.syscall_tick.load(load),
                p.queue_len(),
                p.timers.len(),
            );
        }
        for m in SCHED.ms().filter(|m| m.has_thread()) {
            let curg = m.curg().map_or_else(nil, |g| g.id.load(load).to_string());
            let p = m.p().map_or_else(nil, |p| p.id.to_string());
            let locked = gs.iter().find(|g| std::ptr::eq(g.locked_m.cast(), m));
            let locked = locked.map_or_else(nil, |g| g.id.to_string());
            let _ = writeln!(
                out,
                "  M{}: p={p} curg={curg} mallocing=0 throwing=0 preemptoff= locks=0 dying=0 \
                 spinning={} blocked={} lockedg={locked}",
                m.id,
                m.spinning.get(),
                m.p().is_none(),
            );
        }
        for g in gs {
            let m = SCHED
                .ms()
                .find(|m| m.curg() == Some(g.g))
                .map_or_else(nil, id);
            let locked = SCHED.ms().find(|m| std::ptr::eq(*m, g.locked_m.cast()));
            let _ = writeln!(
                out,
                "  G{}: status={}({}) m={m} lockedm={}",
                g.id,
                g.status as u8,
                if g.status == Status::Waiting {
                    g.reason.text()
                } else {
                    ""
                },
                locked.map_or_else(nil, id),
            );
        }
    } else {
        out.push_str(" [ ");
        for p in ps() {
            let _ = write!(out, "{} ", p.queue_len());
        }
        out.push_str("] schedticks=[ ");
        for p in ps() {
            let _ = write!(out, "{} ", p.sched_tick.load(load));
        }
        out.push_str("]\n");
    }
    // Not by a macro, which a test harness captures.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), out.as_bytes());
}
