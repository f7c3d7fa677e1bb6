//! The template thread, which starts the threads of all Ms (Go's `startTemplateThread`).
//!
//! A new thread inherits much of the one that starts it: the signal mask, the scheduling policy, after
//! `unshare` the working directory and the namespaces, and what libtest has told std about where output
//! goes. The goroutine that needs another M may be locked to its thread just because it has changed such
//! things, and a plain thread may have any state. So threads are started only from here: a thread that is
//! made at boot, runs no user code, and is not one of std's, which would hand on the captured output.
//!
//! While goroutines are paused it also watches sysmon, so that there is a watcher that needs nothing
//! that they may hold.
//!
//! And it makes stacks ahead of time, while many goroutines are started ([`ahead`]).
//!
//! An M without a thread waits in a list; it owns its P from the beginning, as one that was woken does. If
//! the system refuses the thread, the P goes idle, the work stays in the queues, and sysmon tries
//! again ([`refused`]).

use super::{pause, quit, sysmon};
use crate::sched::report::overflow as report;
use crate::sched::state::sched::SCHED;
use crate::sched::state::wanted;
use crate::sched::turn::{refused, run};
use crate::stack::{ahead, overflow};
use crate::sys::{clock::nanotime, thread};
use std::ffi::c_void;
use std::time::Duration;

/// How often it looks whether sysmon is stuck, while goroutines are paused.
const WATCH: Duration = Duration::from_millis(10);

/// A dying process's report takes no longer than this.
const REPORT: Duration = Duration::from_secs(20);

/// Starts it, and it starts sysmon; at boot.
pub(crate) fn start() {
    sysmon::prepare();
    ahead::have_helper(wanted::wake);
    if let Err(e) = thread::start(main) {
        refused::die(&e);
    }
}

extern "C" fn main(_: *mut c_void) -> *mut c_void {
    thread::set_name(c"template");
    if let Err(e) = sysmon::start() {
        refused::die(&e);
    }
    let mut stacks = ahead::Helper::default();
    loop {
        let note = wanted::note();
        if let Some(o) = overflow::asked() {
            report::report(o);
        }
        let ms = wanted::take();
        let watches = SCHED.has_line();
        // (Not while an M is in line: as long as stacks run out, no thread would watch sysmon.)
        if ms.is_none() && !watches && stacks.work(|| wanted::note() != note) {
            continue;
        }
        if ms.is_none() {
            let patience = if quit::dying() {
                Some(REPORT)
            } else {
                (watches || stacks.is_wanted()).then_some(WATCH)
            };
            let begin = nanotime();
            wanted::sleep(note, patience);
            if patience == Some(REPORT) && nanotime() - begin >= REPORT.as_nanos() as i64 {
                quit::give_up();
            }
            if watches && sysmon::is_stuck() {
                pause::relieve();
            }
        }
        for m in ms.into_iter().flatten() {
            if let Err((m, e)) = run::spawn_thread(m) {
                refused::refused(m, &e);
            }
        }
    }
}
