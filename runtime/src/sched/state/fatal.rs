//! Dying as Go does: text on stderr, exit code 2, no destructors.

use super::level::{Level, Who};
use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Appends what a dying process shows of its goroutines: `report::append`, which lies above this.
static REPORT: OnceLock<fn(&mut String, Who)> = OnceLock::new();

/// How the goroutines are shown; at boot.
pub(crate) fn report_with(report: fn(&mut String, Who)) {
    let _ = REPORT.set(report);
}

/// Writes the recording of the whole program: `trace`, which lies above this.
static RECORDING: OnceLock<fn()> = OnceLock::new();

/// How the recording is written, if the program makes one.
pub(crate) fn record_with(write: fn()) {
    let _ = RECORDING.set(write);
}

/// Somebody is dying: whoever comes second waits for the end.
static DYING: AtomicBool = AtomicBool::new(false);

/// A fatal error: cannot be recovered, runs no deferred code. `fatal error: MSG`, the goroutines,
/// exit 2.
#[cold]
#[inline(never)]
pub(crate) fn throw(message: &str) -> ! {
    die(&format!("fatal error: {message}\n"), Who::Current);
}

/// Prints `head` and the goroutines that `GOTRACEBACK` asks for, and ends the process.
#[cold]
pub(crate) fn die(head: &str, who: Who) -> ! {
    finish(&last_words(head, who))
}

/// Claims the right to die: `head` and the goroutines that `GOTRACEBACK` asks for.
pub(crate) fn last_words(head: &str, who: Who) -> String {
    claim();
    let mut text = String::from(head);
    if let Some(report) = REPORT.get() {
        report(&mut text, who);
    }
    text
}

/// The right to die, once; a second one waits for ever.
pub(crate) fn claim() {
    if DYING.swap(true, Ordering::SeqCst) {
        loop {
            std::thread::park();
        }
    }
}

/// Writes the last words, keeps what was recorded, and exits: for a program that ends of its own fault, where no lock
/// of the runtime is held.
pub(crate) fn finish_recorded(text: &str) -> ! {
    let _ = std::io::stderr().write_all(text.as_bytes());
    if let Some(write) = RECORDING.get() {
        write();
    }
    end()
}

/// Writes the last words and exits.
pub(crate) fn finish(text: &str) -> ! {
    let _ = std::io::stderr().write_all(text.as_bytes());
    end()
}

fn end() -> ! {
    if Level::from_env() == Level::Crash {
        std::process::abort();
    }
    exit(2)
}

/// Ends the process with `code`, cutting every other goroutine off.
pub(crate) fn exit(code: i32) -> ! {
    std::process::exit(code)
}

/// For `main`'s return: if a goroutine is just ending the process by a panic, its text comes first.
pub(crate) fn wait_if_dying() {
    if DYING.load(Ordering::SeqCst) {
        loop {
            std::thread::park();
        }
    }
}
