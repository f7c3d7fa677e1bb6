//! The one door to what is the user's in a panic: the text and the destructor of its payload.
//!
//! **The rule.** User code (`Drop`, `Display`, `Debug`, `Clone`, `source`, a closure, a waker, a hook) runs
//! while nothing of the runtime is borrowed or locked, outside sections, and not in the critical part of
//! the panic hook. It may panic, recover, block, end the goroutine, or come back to us. So code that has a
//! payload and wants its text, or wants it gone while the goroutine goes on, comes here; the state of the
//! goroutine's panics is out of reach meanwhile ([`aside`]).
//!
//! `panic!("{}", x)` is formatted by std before it calls a hook: an `x` whose `Display` panics aborts the
//! process there. Nothing here is asked.

use super::Payload;
use crate::g::unwind::{PanicRecord, PanicValue, Replacement};
use crate::sched::state::m::me;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How many times we drop what destructors make while they run.
pub(crate) const ROUNDS: usize = 16;

/// An error, as a payload.
pub(super) type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// Runs user code in the middle of a panic's handling, and catches its panic. What is known of the
/// goroutine's panics is put aside: the code starts with none and leaves none. Only that the goroutine is
/// ending holds on both sides.
fn aside<R>(f: impl FnOnce() -> R) -> Result<R, Payload> {
    let Some(g) = me() else {
        return catch_unwind(AssertUnwindSafe(f));
    };
    let before = g.swap_unwind(None);
    if before.as_ref().is_some_and(|u| u.ending) {
        g.unwind_state().ending = true;
    }
    let result = catch_unwind(AssertUnwindSafe(f));
    let Some(after) = g.swap_unwind(before) else {
        return result;
    };
    if after.ending {
        g.unwind_state().ending = true;
    }
    let mut after = after;
    match (result, after.replaced_by.take()) {
        (result, None) => result,
        // Swallowed by the code itself.
        (Ok(r), Some(stale)) => {
            discard(stale.payload);
            Ok(r)
        }
        // Raised after the body whose panic has replaced an earlier one: that one was swallowed.
        (Err(last), Some(stale)) if is_later(&after.panics, &last, &stale) => {
            discard(stale.payload);
            Err(last)
        }
        (Err(first), Some(newer)) => {
            discard(first);
            Err(newer.payload)
        }
    }
}

/// Runs user code whose panic no caller could take: a waker, a destructor in the middle of waking others.
/// A panic ends there.
pub(crate) fn guarded(f: impl FnOnce()) {
    if let Err(panic) = aside(f) {
        discard(panic);
    }
}

/// Was the panic with this payload raised after the deferred body whose panic is `replacement` had begun?
pub(super) fn is_later(
    panics: &[PanicRecord],
    payload: &Payload,
    replacement: &Replacement,
) -> bool {
    let value = PanicValue::of(payload.as_ref());
    let raised = panics
        .iter()
        .rfind(|p| p.depth == replacement.depth && p.value == value);
    raised.is_some_and(|p| p.serial >= replacement.began)
}

/// The text of a payload. `Err`: it panicked when asked; the text to use instead.
pub(crate) fn text_of(payload: &(dyn Any + Send)) -> Result<String, String> {
    let Some(error) = payload.downcast_ref::<BoxedError>() else {
        return Ok(message_of(payload));
    };
    aside(|| error.to_string()).map_err(|panic| {
        let text = "panic while printing panic value";
        // Go does not ask the second value, unless it is a string.
        let text = match plain_text(panic.as_ref()) {
            Some(s) => format!("{text}: {s}"),
            None => format!("{text}: type {}", type_of(panic.as_ref())),
        };
        discard(panic);
        text
    })
}

/// Drops a payload that is not wanted any more. If its destructor panics, that is dropped too.
pub(crate) fn discard(mut payload: Payload) {
    for _ in 0..ROUNDS {
        match aside(|| drop(payload)) {
            Ok(()) => return,
            Err(newer) => payload = newer,
        }
    }
    std::mem::forget(payload);
}

/// The text of a payload, as Rust's own hook would show it, for a caller that is the user's: whatever
/// an error's `Display` does, it does to the user's code.
pub(super) fn message_of(payload: &(dyn Any + Send)) -> String {
    plain_text(payload)
        .map(str::to_owned)
        .or_else(|| basic(payload))
        .or_else(|| payload.downcast_ref::<BoxedError>().map(|e| e.to_string()))
        .unwrap_or_else(|| "Box<dyn Any>".to_owned())
}

pub(super) fn plain_text(payload: &(dyn Any + Send)) -> Option<&str> {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

macro_rules! basic_types {
    ($($t:ty)*) => {
        /// The value of a payload of one of the basic types, which Go prints too.
        pub(super) fn basic(payload: &(dyn Any + Send)) -> Option<String> {
            None$(.or_else(|| payload.downcast_ref::<$t>().map(<$t>::to_string)))*
        }

        fn type_of(payload: &(dyn Any + Send)) -> &'static str {
            $(if payload.is::<$t>() { return stringify!($t); })*
            if payload.is::<BoxedError>() {
                "Box<dyn Error + Send + Sync>"
            } else {
                "Box<dyn Any>"
            }
        }
    };
}
basic_types!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64 bool char);
