//! What is known of a goroutine's panics. The records own all that they say; their text is filled in while
//! nothing is borrowed, from a payload that the caller holds.

use super::user::{BoxedError, basic, plain_text, text_of};
use crate::g::Me;
use crate::g::unwind::{PanicRecord, PanicValue, Unwinding};
use std::any::Any;
use std::backtrace::Backtrace;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers all panics. Those that a goroutine raises in a `recover` have a higher number than the one
/// that comes next when it begins.
static SERIAL: AtomicU64 = AtomicU64::new(0);
/// Records kept on a goroutine, at most.
const MAX_RECORDS: usize = 64;

/// Panics from now on have this number, or a higher one.
pub(super) fn next_serial() -> u64 {
    SERIAL.load(Ordering::Relaxed)
}

/// Remembers a panic on its goroutine. Called by the hook: no user code.
pub(super) fn note(g: Me, payload: &(dyn Any + Send)) {
    let value = PanicValue::of(payload);
    let backtrace = Backtrace::force_capture();
    let mut state = g.unwind_state();
    let depth = state.bodies;
    state.unwinding.get_or_insert_with(Unwinding::new);
    let linked = state.bodies > 0 || state.panics.iter().any(PanicRecord::is_held);
    if !linked {
        // What is still here was swallowed by a `catch_unwind`, or is the panic whose destructors have
        // led to this one; we cannot tell which. So the last chain stays.
        let last = state.panics.iter().rposition(|p| !p.linked);
        state.panics.drain(..last.unwrap_or(0));
    }
    if state.panics.len() >= MAX_RECORDS {
        state.panics.remove(0);
    }
    state.panics.push(PanicRecord {
        serial: SERIAL.fetch_add(1, Ordering::Relaxed),
        value,
        said: None,
        depth,
        linked,
        recovered: None,
        repanicked: false,
        backtrace,
    });
}

/// Where among `panics`, from number `since` on, the panic with this value stands, and before it those
/// that Go would print with it. Empty if the hook did not see it (`resume_unwind`).
pub(crate) fn chain_of(panics: &[PanicRecord], value: &PanicValue, since: u64) -> Range<usize> {
    let last = panics
        .iter()
        .rposition(|p| p.serial >= since && p.value == *value);
    let Some(last) = last else { return 0..0 };
    let mut first = last;
    while first > 0 && panics[first].linked && panics[first - 1].serial >= since {
        first -= 1;
    }
    first..last + 1
}

/// Asks a payload that is an error for its text, and keeps that with its record.
pub(crate) fn keep_text(g: Me, payload: &(dyn Any + Send), since: u64) {
    let value = PanicValue::of(payload);
    if !matches!(value, PanicValue::Error(_)) {
        return;
    }
    let said = text_of(payload);
    let panics = &mut g.unwind_state().panics;
    let record = panics
        .iter_mut()
        .rfind(|p| p.serial >= since && p.value == value);
    if let Some(record) = record {
        record.said = Some(said);
    }
}

/// Whoever joins the running goroutine gets its panic: it is not ours to report any more.
pub(crate) fn hand_over(g: Me) {
    g.unwind_state().panics.clear();
}

impl PanicValue {
    /// Runs nothing of the user's.
    pub(crate) fn of(payload: &(dyn Any + Send)) -> PanicValue {
        if let Some(text) = plain_text(payload) {
            PanicValue::Text(text.to_owned())
        } else if let Some(error) = payload.downcast_ref::<BoxedError>() {
            // The payload may move from box to box; the error in it does not.
            PanicValue::Error(std::ptr::from_ref(error.as_ref()).addr())
        } else if let Some(text) = basic(payload) {
            PanicValue::Text(text)
        } else {
            PanicValue::Other(payload.type_id())
        }
    }
}
