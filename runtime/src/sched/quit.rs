//! SIGQUIT: every goroutine with its stack, and exit 2, as Go does.
//!
//! The handler only leaves a note for sysmon. sysmon takes every P, so that no parked goroutine can be
//! run by anybody else, asks the parked ones for their stacks (see [`dump`]) and ends the process.

use super::global::SCHED;
use super::p::P;
use super::section::{Examine, Examined, examine};
use super::{dump, fatal, sysmon};
use crate::sys::{clock::nanotime, fault};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);
static PC: AtomicUsize = AtomicUsize::new(0);

/// Installs the handler, unless the program has one.
pub(crate) fn install() {
    fault::on_quit(|pc| {
        PC.store(pc, Ordering::Relaxed);
        ASKED.store(true, Ordering::SeqCst);
        sysmon::wake();
    });
}

/// sysmon's part.
pub(crate) fn check() {
    if ASKED.load(Ordering::Relaxed) {
        die();
    }
}

fn die() -> ! {
    fatal::claim();
    let stopped = stop_the_world();
    let mut text = format!(
        "SIGQUIT: quit\nPC={:#x} m=0 sigcode=0\n",
        PC.load(Ordering::Relaxed)
    );
    dump::append_stopped(&mut text, stopped);
    fatal::finish(&text)
}

/// Owns every P (`true`), or gives up after a while: then no goroutine is asked for its stack.
fn stop_the_world() -> bool {
    let mut owned: Vec<&'static P> = Vec::new();
    let end = nanotime() + 100_000_000;
    while owned.len() < SCHED.procs.load(Ordering::SeqCst) && nanotime() < end {
        if let Some(p) = SCHED.lock().take_idle_p() {
            owned.push(p);
        }
        for p in SCHED.ps() {
            if let Some(m) = p.owner()
                && matches!(examine(m, p, Examine::Take { hog: false }), Examined::Took)
            {
                owned.push(p);
            }
        }
        std::thread::yield_now();
    }
    owned.len() >= SCHED.procs.load(Ordering::SeqCst)
}
