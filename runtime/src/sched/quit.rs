//! SIGQUIT: every goroutine with its stack, and exit 2, as Go does.
//!
//! The handler only leaves a note for sysmon, which writes what there is (see [`dump`]) and ends the process.
//! Nobody is stopped for it.

use super::{dump, fatal, sysmon};
use crate::sys::fault;
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
    let mut text = format!(
        "SIGQUIT: quit\nPC={:#x} m=0 sigcode=0\n",
        PC.load(Ordering::Relaxed)
    );
    dump::append_all(&mut text);
    fatal::finish(&text)
}
