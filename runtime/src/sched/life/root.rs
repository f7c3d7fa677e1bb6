//! A panic that is not recovered: Go's text, and the end of the process.

use super::origin;
use crate::g::Me;
use crate::g::flag;
use crate::g::unwind::{PanicRecord, PanicValue, Unwinding};
use crate::panic::{Goexit, Payload, chain_of, keep_text, take_replacement, text_of};
use crate::sched::report::{goroutines, traceback};
use crate::sched::state::level::Level;
use crate::sched::state::m::me;
use crate::sched::state::{fatal, hooks};
use crate::sched::wake::asleep;
use crate::sched::wake::yield_now::gosched;
use crate::sys::clock::nanotime;
use std::fmt::Write;

/// A goroutine's closure has unwound.
#[cold]
#[inline(never)]
pub(crate) fn reached_root(g: Me, payload: Payload) {
    let payload = take_replacement(payload);
    if payload.is::<Goexit>() {
        if g.has(flag::MAIN) {
            asleep::main_exited();
        }
        return;
    }
    die_of(g, &payload)
}

/// How long, in nanoseconds, `main`'s end waits for a panic that is on its way.
const PATIENCE: i64 = 1_000_000_000;

/// For `main`'s return: another goroutine's panic may be on its way to end the process; its text comes
/// first, if it comes soon (Go gives way a thousand times). If other code catches it, we do not hear
/// of that until its goroutine ends; so the wait is bounded (README.md, "Main's end").
pub(crate) fn await_unwinding() {
    // Main has returned: what it may have caught itself is over.
    if let Some(g) = me().filter(|g| g.has(flag::COLD)) {
        g.unwind_state().unwinding = None;
    }
    let since = nanotime();
    while Unwinding::any() && nanotime() - since < PATIENCE {
        // The panicking goroutine may need this P; or it has one, and needs time.
        gosched();
        std::thread::sleep(std::time::Duration::from_micros(10));
    }
    fatal::wait_if_dying();
}

/// Prints Go's text for an unrecovered panic and ends the process.
pub(crate) fn die_of(g: Me, payload: &Payload) -> ! {
    // The user's code, before anybody waits for us to die.
    keep_text(g, payload.as_ref(), 0);
    let said = text_of(payload.as_ref());
    fatal::claim();
    let level = Level::from_env();
    let mut text = String::new();
    let value = PanicValue::of(payload.as_ref());
    // Taken: the end of the process may run the user's code, which may panic.
    let panics = std::mem::take(&mut g.unwind_state().panics);
    let panics = &panics[chain_of(&panics, &value, 0)];
    let refused = panics.iter().find_map(|p| p.said.as_ref()?.as_ref().err());
    if let Some(e) = refused.or(said.as_ref().err()) {
        let _ = writeln!(text, "fatal error: {}", indented(e));
    } else if panics.is_empty() {
        // Raised by another goroutine, or not seen by our hook.
        let (Ok(said) | Err(said)) = &said;
        let _ = writeln!(text, "panic: {}", indented(said));
    } else {
        append_chain(&mut text, panics);
    }
    if g.has(flag::FAMILY)
        && let Some(seed) = (hooks::get().seed_of)(*g)
    {
        let _ = writeln!(
            text,
            "under testing::explore; testing::replay({seed}, ..) repeats it"
        );
    }
    if let Some(origin) = origin::of(*g) {
        let _ = writeln!(text, "in a goroutine of {}", origin.name());
    }
    if level != Level::None {
        text.push('\n');
        traceback::running(&mut text, *g);
        if let Some(p) = panics.last() {
            traceback::frames(&mut text, &p.backtrace, level);
        }
        goroutines::append_others(&mut text, *g, level);
    }
    fatal::finish_recorded(&text)
}

/// The panics of one unwinding, the oldest first.
fn append_chain(text: &mut String, panics: &[PanicRecord]) {
    for (i, p) in panics.iter().enumerate() {
        let tabs = if i == 0 { "" } else { "\t" };
        let _ = write!(text, "{tabs}panic: {}", indented(p.text()));
        text.push_str(match (p.recovered.is_some(), p.repanicked) {
            (true, true) => " [recovered, repanicked]\n",
            (true, false) => " [recovered]\n",
            _ => "\n",
        });
    }
}

/// Go indents the lines of a message of several lines.
fn indented(message: &str) -> String {
    message.replace('\n', "\n\t")
}
