//! Panics in goroutines: what the hook sees, what reaches the root, `recover`, `goexit`, `defer!`.
//!
//! A panic unwinds its goroutine. If nobody recovers it, it reaches the root, which prints Go's text
//! and ends the process with code 2. `goexit` unwinds with a payload of its own that the root takes
//! for a normal end. What is known of the panics of one unwinding (Go prints the whole chain) is kept
//! on the goroutine, in [`Unwind`](crate::g::header::Unwind).

use super::park::current_g;
use super::{deadlock, dump, fatal};
use crate::g::GRef;
use crate::g::header::{PanicRecord, flag};
use std::any::Any;
use std::backtrace::Backtrace;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

/// The payload with which [`goexit`](crate::runtime::goexit) unwinds.
///
/// [`JoinHandle::join`](crate::JoinHandle::join) returns it as the error of a goroutine that ended
/// by `goexit`, or because all receivers of the channel it was sending to had gone.
#[derive(Debug)]
#[non_exhaustive]
pub struct Goexit;

/// A panic's payload.
pub(crate) type Payload = Box<dyn Any + Send>;

/// From now on a panic in a goroutine prints nothing by itself; a panic elsewhere goes to the hook
/// that was there before.
pub(crate) fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| match current_g() {
            Some(g) => note(g, &message_of(info.payload())),
            None => previous(info),
        }));
    });
}

/// Remembers a panic on its goroutine.
fn note(g: GRef, message: &str) {
    static SERIAL: AtomicU64 = AtomicU64::new(0);
    g.unwind_state().panics.push(PanicRecord {
        serial: SERIAL.fetch_add(1, Ordering::Relaxed),
        message: message.to_owned(),
        recovered: false,
        repanicked: false,
        backtrace: Backtrace::force_capture(),
    });
}

/// The text of a payload, as Rust's own hook would show it.
pub(crate) fn message_of(payload: &(dyn Any + Send)) -> String {
    if let Some(s) = payload.downcast_ref::<&str>() {
        (*s).to_owned()
    } else if let Some(s) = payload.downcast_ref::<String>() {
        s.clone()
    } else if let Some(e) = payload.downcast_ref::<Box<dyn std::error::Error + Send + Sync>>() {
        e.to_string()
    } else {
        basic(payload).unwrap_or_else(|| "Box<dyn Any>".to_owned())
    }
}

/// The value of a payload of one of the basic types, which Go prints too.
fn basic(payload: &(dyn Any + Send)) -> Option<String> {
    macro_rules! first_of {
        ($($t:ty)*) => { None$(.or_else(|| payload.downcast_ref::<$t>().map(<$t>::to_string)))* };
    }
    first_of!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64 bool char)
}

/// A goroutine's closure has unwound.
#[cold]
#[inline(never)]
pub(crate) fn reached_root(g: GRef, payload: Payload) {
    let payload = take_replacement(payload);
    if payload.is::<Goexit>() {
        if g.has(flag::MAIN) {
            deadlock::main_exited();
        }
        return;
    }
    die_of(g, &payload)
}

/// A panic that was raised in a deferred body while this one unwound, instead of it.
pub(crate) fn take_replacement(payload: Payload) -> Payload {
    match current_g() {
        Some(g) => g.unwind_state().replaced_by.take().unwrap_or(payload),
        None => payload,
    }
}

/// Prints Go's text for an unrecovered panic and ends the process.
pub(crate) fn die_of(g: GRef, payload: &Payload) -> ! {
    fatal::claim();
    let level = dump::Level::from_env();
    let mut text = String::new();
    let state = g.unwind_state();
    if state.panics.is_empty() {
        // Nobody hooked it: the default hook has printed its own text before.
        let _ = writeln!(text, "panic: {}", indented(&message_of(payload.as_ref())));
    }
    for (i, p) in state.panics.iter().enumerate() {
        let tabs = if i == 0 { "" } else { "\t" };
        let _ = write!(text, "{tabs}panic: {}", indented(&p.message));
        text.push_str(match (p.recovered, p.repanicked) {
            (true, true) => " [recovered, repanicked]\n",
            (true, false) => " [recovered]\n",
            _ => "\n",
        });
    }
    if level != dump::Level::None {
        let _ = writeln!(
            text,
            "\ngoroutine {} [running]:",
            g.id.load(Ordering::Relaxed)
        );
        if let Some(p) = state.panics.last() {
            dump::frames(&mut text, &p.backtrace, level);
        }
        dump::append_others(&mut text, g, level);
    }
    fatal::finish(&text)
}

/// Go indents the lines of a message of several lines.
fn indented(message: &str) -> String {
    message.replace('\n', "\n\t")
}

/// Ends the calling goroutine: its deferred code and destructors run, nobody can stop it.
pub(crate) fn goexit() -> ! {
    if let Some(g) = current_g() {
        g.unwind_state().ending = true;
    }
    resume_unwind(Box::new(Goexit))
}

/// Whoever is about to block asks this first, with nothing locked or queued yet: a goroutine that is
/// ending by [`goexit`] and has swallowed the unwind is unwound again.
#[inline]
pub(crate) fn before_block() {
    if let Some(g) = current_g()
        && g.is_ending()
        && !std::thread::panicking()
    {
        goexit();
    }
}

/// What a caught panic was; the error of [`recover`](crate::recover).
///
/// As long as it lives, a new panic of the same goroutine is reported together with it
/// (`panic: first [recovered]`), as in a deferred function of Go that panics after recovering.
pub struct Panic {
    payload: Option<Payload>,
    /// The goroutine and the first of its records that this stands for.
    chain: Option<(u64, u64)>,
}

impl Panic {
    /// The panic's message: that of `panic!`, or of a payload that is a string or an error.
    #[must_use]
    pub fn message(&self) -> String {
        self.payload
            .as_ref()
            .map_or_else(String::new, |p| message_of(p.as_ref()))
    }

    /// Is the payload a `T`?
    #[must_use]
    pub fn is<T: 'static>(&self) -> bool {
        self.payload.as_ref().is_some_and(|p| p.is::<T>())
    }

    /// The payload, if it is a `T`.
    ///
    /// # Errors
    /// The panic itself, if its payload is something else.
    pub fn downcast<T: 'static>(mut self) -> Result<T, Panic> {
        match self.take().downcast::<T>() {
            Ok(t) => Ok(*t),
            Err(payload) => {
                self.payload = Some(payload);
                Err(self)
            }
        }
    }

    /// Panics again with the same payload, as Go's `panic(r)` in a deferred function does; if nobody
    /// recovers it is reported once, as `panic: .. [recovered, repanicked]`.
    pub fn resume(mut self) -> ! {
        if let Some((g, first)) = self.own_chain() {
            for p in &mut g.unwind_state().panics {
                p.repanicked |= p.serial >= first;
            }
            self.chain = None;
        }
        resume_unwind(self.take())
    }

    /// The payload as `std` knows it.
    #[must_use]
    pub fn into_payload(mut self) -> Box<dyn Any + Send> {
        self.take()
    }

    fn take(&mut self) -> Payload {
        self.payload.take().expect("taken once")
    }

    /// The running goroutine, if the records are its own.
    fn own_chain(&self) -> Option<(GRef, u64)> {
        let (id, first) = self.chain?;
        let g = current_g()?;
        (g.id.load(Ordering::Relaxed) == id).then_some((g, first))
    }
}

impl Drop for Panic {
    fn drop(&mut self) {
        if !std::thread::panicking()
            && let Some((g, first)) = self.own_chain()
        {
            g.unwind_state().panics.retain(|p| p.serial < first);
        }
    }
}

impl From<Box<dyn Any + Send>> for Panic {
    fn from(payload: Payload) -> Self {
        Panic {
            payload: Some(payload),
            chain: None,
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
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(r) => Ok(r),
        Err(payload) => Err(recovered(payload)),
    }
}

#[cold]
#[inline(never)]
fn recovered(payload: Payload) -> Panic {
    if payload.is::<Goexit>() {
        // A panic of a deferred body on the way is recovered with it; the end is not stopped.
        drop(take_replacement(Box::new(())));
        resume_unwind(payload);
    }
    let payload = take_replacement(payload);
    let chain = current_g().and_then(|g| {
        let first = g.unwind_state().panics.iter_mut().find(|p| !p.recovered)?;
        let serial = first.serial;
        for p in &mut g.unwind_state().panics {
            p.recovered |= p.serial >= serial;
        }
        Some((g.id.load(Ordering::Relaxed), serial))
    });
    Panic {
        payload: Some(payload),
        chain,
    }
}

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

/// A second panic must not leave a destructor during unwinding (the process would abort): it is
/// caught here, chained on the goroutine, and replaces the first for `recover` and the report.
#[cold]
#[inline(never)]
fn run_while_unwinding(f: impl FnOnce()) {
    let Err(payload) = catch_unwind(AssertUnwindSafe(f)) else {
        return;
    };
    match current_g() {
        Some(g) => g.unwind_state().replaced_by = Some(payload),
        None => eprintln!(
            "panic: {} (in a deferred body, while panicking)",
            message_of(payload.as_ref())
        ),
    }
}
