//! `defer!`, and the panic that replaces another.
//!
//! A deferred body that panics while another panic unwinds must not let it out (the process would abort).
//! It is kept on the goroutine as the [`Replacement`] of the one that unwinds, and takes its place where
//! that is caught. If other code catches it, we do not hear of that: the replacement is then *stale*. We
//! recognise that by the panic that it would replace, which was raised after its body began.
//!
//! A body has its own replacement, for the panics in it: the outer one is put aside while it runs.

use super::Payload;
use super::record::{keep_text, next_serial};
use super::user::{ROUNDS, discard, is_later, text_of};
use crate::g::unwind::Replacement;
use crate::sched::state::m::me;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The guard behind [`defer!`](crate::defer): runs its body when dropped.
#[doc(hidden)]
pub struct Defer<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> Defer<F> {
    /// A body to run at the end of the block.
    #[inline]
    pub fn new(f: F) -> Self {
        Defer(Some(f))
    }
}

impl<F: FnOnce()> Drop for Defer<F> {
    #[inline]
    fn drop(&mut self) {
        let Some(f) = self.0.take() else { return };
        if std::thread::panicking() {
            run_while_unwinding(f);
        } else {
            f();
        }
    }
}

/// A second panic must not leave a destructor during unwinding: it is caught here, chained on the
/// goroutine, and replaces the first for `recover` and the report.
#[cold]
#[inline(never)]
fn run_while_unwinding(f: impl FnOnce()) {
    let Some(g) = me() else {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(f)) {
            let (Ok(text) | Err(text)) = text_of(payload.as_ref());
            eprintln!("panic: {text} (in a deferred body, while panicking)");
            discard(payload);
        }
        return;
    };
    let outer = take();
    let began = next_serial();
    let depth = g.unwind_state().bodies;
    g.unwind_state().bodies = depth + 1;
    let result = catch_unwind(AssertUnwindSafe(f));
    let replacement = match result.map_err(take_replacement) {
        Ok(()) => {
            forget_replacement_even_if_unwinding();
            outer
        }
        Err(payload) => {
            let payload = match outer {
                Some(outer) => supersede(outer.payload, payload),
                None => payload,
            };
            Some(Replacement {
                payload,
                began,
                depth,
            })
        }
    };
    g.unwind_state().bodies = depth;
    let stale = std::mem::replace(&mut g.unwind_state().replaced_by, replacement);
    if let Some(stale) = stale {
        discard(stale.payload);
    }
}

/// Puts the replacement aside.
pub(super) fn take() -> Option<Replacement> {
    me()?.unwind_state_if_any()?.replaced_by.take()
}

/// A panic that was raised in a deferred body while this one unwound, instead of it. Does not unwind: if
/// the destructor of a payload panics, that panic is the one that counts.
pub(crate) fn take_replacement(payload: Payload) -> Payload {
    match replacement_of(&payload) {
        Some(newer) => supersede(payload, newer),
        None => payload,
    }
}

/// What has replaced the panic that has been caught with `payload`. One that is stale is dropped.
pub(super) fn replacement_of(payload: &Payload) -> Option<Payload> {
    let replacement = take()?;
    let g = me()?;
    let is_stale = is_later(&g.unwind_state().panics, payload, &replacement);
    if is_stale {
        discard(replacement.payload);
        return None;
    }
    Some(replacement.payload)
}

/// What a deferred body has raised that ran at its scope's normal end, in another body that runs because of
/// a panic. One that replaced a panic since `since` is stale: that panic was swallowed.
pub(super) fn raised_at_normal_end(since: u64) -> Option<Payload> {
    let replacement = take()?;
    let g = me()?;
    let replaced = {
        let raised = since..replacement.began;
        let panics = &g.unwind_state().panics;
        let mut panics = panics.iter();
        panics.any(|p| p.depth == replacement.depth && raised.contains(&p.serial))
    };
    if replaced {
        discard(replacement.payload);
        return None;
    }
    Some(replacement.payload)
}

/// A panic begins. If none unwinds yet, what is there as replacement is stale.
pub(super) fn forget_replacement() {
    if !std::thread::panicking() {
        forget_replacement_even_if_unwinding();
    }
}

fn forget_replacement_even_if_unwinding() {
    if let Some(stale) = take() {
        discard(stale.payload);
    }
}

/// `newer` counts instead of `older`, which says its text for the report and is dropped. Its destructor is
/// the user's; what that raises counts in its turn.
pub(super) fn supersede(mut older: Payload, mut newer: Payload) -> Payload {
    for _ in 0..ROUNDS {
        if let Some(g) = me() {
            keep_text(g, older.as_ref(), 0);
        }
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(older)));
        // Where the thread is unwinding anyway, a deferred body in the destructor has kept its panic.
        let left = take().map(|r| r.payload);
        let raised = match dropped {
            Ok(()) => left,
            Err(payload) => {
                left.into_iter().for_each(discard);
                Some(payload)
            }
        };
        match raised {
            None => return newer,
            Some(payload) => older = std::mem::replace(&mut newer, payload),
        }
    }
    // It would never end.
    std::mem::forget(older);
    newer
}
