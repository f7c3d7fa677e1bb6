//! Panics in goroutines: what the hook sees, what reaches the root, `recover`, `goexit`, `defer!`.
//!
//! A panic unwinds its goroutine. If no deferred code recovers it, it reaches the root, which prints
//! Go's text and ends the process with code 2. `goexit` unwinds with a payload of its own that the
//! root takes for a normal end. What is known of the panics of one unwinding (Go prints the whole
//! chain) is kept on the goroutine, in [`Unwind`](crate::g::unwind::Unwind).
//!
//! [`hook`] notes a panic in a [`record`]; [`defer`] has those that replace others; [`user`] is the only place where a payload is
//! asked for its text, [`caught`] what makes it shareable.

mod caught;
mod defer;
mod goexit;
pub(crate) mod hook;
mod join_error;
mod record;
mod user;

pub use defer::Defer;
pub(crate) use defer::take_replacement;
pub use goexit::Goexit;
pub(crate) use goexit::{before_block, goexit, may_block};
pub use join_error::JoinError;
pub(crate) use record::{chain_of, hand_over, keep_text};
pub(crate) use user::{ROUNDS, discard, guarded, text_of};

use crate::g::Me;
use crate::g::unwind::{PanicValue, Unwinding};
use crate::sched::state::m::me;
use caught::Caught;
use defer::{forget_replacement, raised_at_normal_end, replacement_of, supersede};
use record::next_serial;
use std::any::Any;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A panic's payload.
pub(crate) type Payload = Box<dyn Any + Send>;

/// [`resume_unwind`] of a panic: the hook does not see it, [`await_unwinding`] does.
pub(crate) fn unwind_again(payload: Payload) -> ! {
    forget_replacement();
    if let Some(g) = me() {
        g.unwind_state()
            .unwinding
            .get_or_insert_with(Unwinding::new);
    }
    resume_unwind(payload)
}

/// What a caught panic was; the error of [`recover`](crate::recover).
///
/// As long as it lives, a new panic of the same goroutine is reported together with it
/// (`panic: first [recovered]`), as in a deferred function of Go that panics after recovering.
pub struct Panic {
    payload: Option<Caught>,
    records: Option<Records>,
}

/// The records that a [`Panic`] stands for.
struct Records {
    /// The goroutine that has them.
    goid: u64,
    /// Their numbers.
    serials: RangeInclusive<u64>,
    /// The records hold a `Weak` of it, so that they know whether the `Panic` still lives.
    _alive: Arc<()>,
}

impl Panic {
    /// The panic's message: that of `panic!`, or of a payload that is a string or an error.
    ///
    /// # Panics
    /// If the error's `Display` does.
    #[must_use]
    pub fn message(&self) -> String {
        self.payload
            .as_ref()
            .map_or_else(String::new, Caught::message)
    }

    /// [`message`](Self::message) for our own use: asking for it does not panic.
    pub(crate) fn text(&self) -> String {
        let Some(payload) = &self.payload else {
            return String::new();
        };
        let (Ok(text) | Err(text)) = text_of(payload.as_payload());
        text
    }

    /// Is the payload a `T`?
    #[must_use]
    pub fn is<T: 'static>(&self) -> bool {
        self.payload.as_ref().is_some_and(Caught::is::<T>)
    }

    /// The payload, if it is a `T`.
    #[must_use]
    pub fn downcast_ref<T: Sync + 'static>(&self) -> Option<&T> {
        self.payload.as_ref()?.downcast_ref()
    }

    /// The payload itself, if it is a `T`.
    ///
    /// # Errors
    /// The panic itself, if its payload is something else.
    pub fn downcast<T: 'static>(mut self) -> Result<T, Panic> {
        match self.take().downcast::<T>() {
            Ok(t) => Ok(*t),
            Err(payload) => {
                self.payload = Some(Caught::new(payload));
                Err(self)
            }
        }
    }

    /// Panics again with the same payload, as Go's `panic(r)` in a deferred function does; if it is
    /// not recovered again it is reported once, as `panic: .. [recovered, repanicked]`.
    pub fn resume(mut self) -> ! {
        if let Some((g, serials)) = self.own_records() {
            for p in &mut g.unwind_state().panics {
                p.repanicked |= p.serial == *serials.end();
            }
            self.records = None;
        }
        unwind_again(self.take())
    }

    /// The payload as `std` knows it.
    #[must_use]
    pub fn into_payload(mut self) -> Box<dyn Any + Send> {
        self.take()
    }

    fn take(&mut self) -> Payload {
        self.payload.take().expect("taken once").into_payload()
    }

    /// The running goroutine and the numbers of the records, if they are its own.
    fn own_records(&self) -> Option<(Me, RangeInclusive<u64>)> {
        let records = self.records.as_ref()?;
        let g = me()?;
        (g.id.load(Ordering::Relaxed) == records.goid).then(|| (g, records.serials.clone()))
    }
}

impl Drop for Panic {
    fn drop(&mut self) {
        let Some((g, serials)) = self.own_records() else {
            return;
        };
        let panics = &mut g.unwind_state().panics;
        // A later panic that was raised while this one was held is unwinding: its report tells both.
        let told = std::thread::panicking()
            && panics
                .iter()
                .any(|p| p.serial > *serials.end() && p.linked && p.recovered.is_none());
        if !told {
            panics.retain(|p| !serials.contains(&p.serial));
        }
    }
}

impl From<Box<dyn Any + Send>> for Panic {
    fn from(payload: Payload) -> Self {
        Panic {
            payload: Some(Caught::new(payload)),
            records: None,
        }
    }
}

impl std::fmt::Debug for Panic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Panic").field(&self.message()).finish()
    }
}

impl std::fmt::Display for Panic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for Panic {}

/// Runs `f` and catches its panic: Go's `defer` + `recover`, as a scope.
///
/// No `UnwindSafe` is asked for, as Go asks for none: what `f` left half done is the caller's to
/// judge. It does not stop [`goexit`](crate::runtime::goexit). If a deferred body panicked while the
/// first panic unwound, that later panic is the one returned.
///
/// A payload that is an error (`Box<dyn Error + Send + Sync>`) is asked for its text then, for the report
/// if another panic follows; nothing happens if its `Display` panics.
///
/// # Errors
/// The panic.
///
/// # Examples
/// ```
/// let r = goroutines::recover(|| -> i32 { panic!("boom") });
/// assert_eq!(r.unwrap_err().message(), "boom");
/// assert_eq!(goroutines::recover(|| 7).unwrap(), 7);
/// ```
pub fn recover<R>(f: impl FnOnce() -> R) -> Result<R, Panic> {
    let result = recover_to_resume(f);
    // Unless it was raised by a deferred body, beneath one that goes on.
    if result.is_err()
        && let Some(g) = me()
        && !std::thread::panicking()
    {
        g.unwind_state().unwinding = None;
    }
    result
}

/// [`recover`] for a caller that [resumes](Panic::resume) the panic: for `main`'s return it has been on its way all
/// the time.
pub(crate) fn recover_to_resume<R>(f: impl FnOnce() -> R) -> Result<R, Panic> {
    let since = next_serial();
    // In a deferred body that runs because of a panic: what has replaced that panic is not ours.
    let unwinding = std::thread::panicking();
    let outer = if unwinding { defer::take() } else { None };
    forget_replacement();
    let result = match catch_unwind(AssertUnwindSafe(f)) {
        Err(payload) => Err(payload),
        // A deferred body in `f` may have panicked: where the thread is panicking that is caught.
        Ok(r) if unwinding => raised_at_normal_end(since).map_or(Ok(r), Err),
        Ok(r) => Ok(r),
    };
    let result = result.map_err(|payload| recovered(payload, since));
    if let Err(None) = &result {
        if let Some(outer) = outer {
            discard(outer.payload);
        }
        resume_unwind(Box::new(Goexit));
    }
    if let Some(g) = me().filter(|_| outer.is_some()) {
        let stale = std::mem::replace(&mut g.unwind_state().replaced_by, outer);
        if let Some(stale) = stale {
            discard(stale.payload);
        }
    }
    result.map_err(|panic| panic.expect("the goroutine does not end"))
}

/// `None`: the goroutine is ending by [`goexit`].
#[cold]
#[inline(never)]
fn recovered(payload: Payload, since: u64) -> Option<Panic> {
    let g = me();
    let newer = replacement_of(&payload);
    let is_end = |p: &Payload| p.is::<Goexit>();
    let ends = is_end(&payload) || newer.as_ref().is_some_and(is_end);
    let payload = match newer {
        Some(newer) => supersede(payload, newer),
        None => payload,
    };
    if ends || is_end(&payload) {
        // The end is not stopped; a panic before it, or on its way, is recovered.
        discard(payload);
        if let Some(g) = g {
            g.unwind_state().panics.retain(|p| p.serial < since);
        }
        return None;
    }
    Some(Panic {
        records: g.and_then(|g| records_of(g, &payload, since)),
        payload: Some(Caught::new(payload)),
    })
}

/// Marks the records of a panic that has just been recovered.
fn records_of(g: Me, payload: &Payload, since: u64) -> Option<Records> {
    keep_text(g, payload.as_ref(), since);
    let value = PanicValue::of(payload.as_ref());
    let panics = &mut g.unwind_state().panics;
    let chain = chain_of(panics, &value, since);
    let serials = panics.get(chain.start)?.serial..=panics.get(chain.end.checked_sub(1)?)?.serial;
    // The others since then were swallowed on the way.
    panics.retain(|p| p.serial < since || serials.contains(&p.serial));
    let alive = Arc::new(());
    for p in panics.iter_mut().filter(|p| serials.contains(&p.serial)) {
        p.recovered = Some(Arc::downgrade(&alive));
    }
    Some(Records {
        goid: g.id.load(Ordering::Relaxed),
        serials,
        _alive: alive,
    })
}
