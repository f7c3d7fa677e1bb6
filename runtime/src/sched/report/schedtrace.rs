//! `GODEBUG=schedtrace`: Go's `SCHED` line, and the details.

use super::goroutines::all;
use crate::g::Status;
use crate::sched::state::level::Level;
use crate::sched::state::m::{M, Rest, is_first};
use crate::sched::state::sched::SCHED;
use std::fmt::Write;
use std::sync::atomic::Ordering;

/// Go's `SCHED` line, and the details, on stderr.
pub(crate) fn print(ms: i64, detail: bool) {
    let load = Ordering::Relaxed;
    let procs = SCHED.procs();
    let mut out = format!(
        "SCHED {ms}ms: gomaxprocs={procs} idleprocs={} threads={} spinningthreads={} \
         needspinning={} idlethreads={} runqueue={}",
        SCHED.idle.ps(),
        SCHED.threads() + 1,
        SCHED.idle.spinning(),
        u8::from(SCHED.idle.is_asked()),
        SCHED.idle.ms(),
        SCHED.queued(),
    );
    let ps = || SCHED.ps().take(procs);
    if detail {
        let waits = |m: &&M| m.rest() == Some(Rest::Bound) && !is_first(m);
        let idle_locked = M::all().filter(waits).count();
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
                p.slices(),
                p.calls(),
                p.queue_len(),
                p.timers.len(),
            );
        }
        for m in M::all().filter(|m| m.has_thread()) {
            let curg = m.curg().map_or_else(nil, |g| g.id.load(load).to_string());
            let p = m.p().map_or_else(nil, |p| p.id.to_string());
            let locked = gs.iter().find(|g| std::ptr::eq(g.locked_m.cast(), m));
            let locked = locked.map_or_else(nil, |g| g.id.to_string());
            let _ = writeln!(
                out,
                "  M{}: p={p} curg={curg} mallocing=0 throwing=0 preemptoff= locks=0 dying=0 \
                 spinning={} blocked={} lockedg={locked}",
                m.id,
                m.is_spinning(),
                m.p().is_none(),
            );
        }
        for g in gs {
            let m = M::all()
                .find(|m| m.curg() == Some(g.g))
                .map_or_else(nil, id);
            let locked = M::all().find(|m| std::ptr::eq(*m, g.locked_m.cast()));
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
            let _ = write!(out, "{} ", p.slices());
        }
        out.push_str("]\n");
    }
    // Not by a macro, whose output a test harness captures.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), out.as_bytes());
}
