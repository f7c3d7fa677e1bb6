//! SIGQUIT: every goroutine with its stack, and exit 2, as Go does.
//!
//! The handler only leaves a note for sysmon, which writes what there is (see [`goroutines`]) and ends the process.
//! Running goroutines are stopped for it, for good, where that is possible; parked ones are not touched.

use crate::sched::report::goroutines;
use crate::sched::state::sched::SCHED;
use crate::sched::state::{fatal, freeze, wanted};
use crate::sys::fault;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);
static DYING: AtomicBool = AtomicBool::new(false);
static PC: AtomicUsize = AtomicUsize::new(0);

/// Installs the handler, unless the program has one.
pub(crate) fn install() {
    fault::on_quit(|pc| {
        PC.store(pc, Ordering::Relaxed);
        ASKED.store(true, Ordering::SeqCst);
        SCHED.alarm.wake_in_handler();
    });
}

/// The template thread's part: the report does not come to its end, because it needs what a goroutine
/// that was stopped holds (an allocator's lock, say). So it ends here.
pub(crate) fn give_up() -> ! {
    fault::write(b"SIGQUIT: quit\n(the rest cannot be written)\n");
    fault::exit(2)
}

/// Is a report being written?
pub(crate) fn dying() -> bool {
    DYING.load(Ordering::Relaxed)
}

/// sysmon's part.
pub(crate) fn check() {
    if ASKED.load(Ordering::Relaxed) {
        die();
    }
}

fn die() -> ! {
    fatal::claim();
    DYING.store(true, Ordering::SeqCst);
    wanted::wake();
    freeze::everybody();
    let mut text = format!(
        "SIGQUIT: quit\nPC={:#x} m=0 sigcode=0\n",
        PC.load(Ordering::Relaxed)
    );
    goroutines::append_all(&mut text);
    fatal::finish(&text)
}
