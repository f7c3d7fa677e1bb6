//! Panics in goroutines: what the hook sees, what reaches the root, `recover`, `goexit`, `defer!`.
//!
//! A panic unwinds its goroutine. If nobody recovers it, it reaches the root, which prints Go's text
//! and ends the process with code 2. `goexit` unwinds with a payload of its own that the root takes
//! for a normal end. What is known of the panics of one unwinding (Go prints the whole chain) is kept
//! on the goroutine, in [`Unwind`](crate::g::header::Unwind).

use super::park::{current_g, gosched};
use super::{deadlock, dump, fatal, origin, sigpipe};
use crate::g::GRef;
use crate::g::header::{PanicRecord, Unwinding, flag};
use std::any::Any;
use std::backtrace::Backtrace;
use std::fmt::Write;
use std::ops::{Range, RangeInclusive};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Once};

/// The payload with which [`goexit`](crate::runtime::goexit) unwinds.
///
/// [`JoinHandle::join`](crate::JoinHandle::join) returns it as the error of a goroutine that ended
/// by `goexit`, or because all receivers of the channel it was sending to had gone.
#[derive(Debug)]
#[non_exhaustive]
pub struct Goexit;

/// A panic's payload.
pub(crate) type Payload = Box<dyn Any + Send>;

/// Goroutines print nothing when they panic: the program has a goroutine main, and Go's text comes when
/// nobody recovers.
static QUIET: AtomicBool = AtomicBool::new(false);

/// From now on a panic in a goroutine prints nothing by itself; a panic elsewhere goes to the hook
/// that was there before.
pub(crate) fn install_quiet_hook() {
    QUIET.store(true, Ordering::Relaxed);
    install_hook();
}

/// From now on panics in goroutines are remembered, for the report if nobody recovers. The hook that was
/// there before hears of them as it does of others': on the thread that waits for the goroutine, if there is
/// one (a test's).
pub(crate) fn install_hook() {
    static ONCE: Once = Once::new();
    // std refuses while the thread panics.
    if ONCE.is_completed() || std::thread::panicking() {
        return;
    }
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let Some(g) = current_g() else {
                return previous(info);
            };
            let message = message_of(info.payload());
            sigpipe::check_panic(info, &message);
            note(g, &message);
            let shown = origin::of(g).is_some_and(|origin| origin.show(g, info, &previous));
            if !shown && !QUIET.load(Ordering::Relaxed) {
                previous(info);
            }
        }));
    });
}

/// Numbers all panics. Those that a goroutine raises in a `recover` have a higher number than the one
/// that comes next when it begins.
static SERIAL: AtomicU64 = AtomicU64::new(0);
/// Records kept on a goroutine, at most.
const MAX_RECORDS: usize = 64;

/// Remembers a panic on its goroutine.
fn note(g: GRef, message: &str) {
    let state = g.unwind_state();
    state.unwinding.get_or_insert_with(Unwinding::new);
    let linked = state.bodies > 0 || state.panics.iter().any(PanicRecord::is_held);
    if !linked {
        // What is still here was swallowed by a `catch_unwind`, or is the panic whose destructors have
        // led to this one; nobody tells us which. So the last chain stays.
        let last = state.panics.iter().rposition(|p| !p.linked);
        state.panics.drain(..last.unwrap_or(0));
    }
    if state.panics.len() >= MAX_RECORDS {
        state.panics.remove(0);
    }
    state.panics.push(PanicRecord {
        serial: SERIAL.fetch_add(1, Ordering::Relaxed),
        message: message.to_owned(),
        linked,
        recovered: None,
        repanicked: false,
        backtrace: Backtrace::force_capture(),
    });
}

/// Where among `panics`, from number `since` on, the panic with this payload stands, and before it
/// those that Go would print with it. Empty if the hook did not see it (`resume_unwind`).
fn chain_of(panics: &[PanicRecord], payload: &Payload, since: u64) -> Range<usize> {
    let message = message_of(payload.as_ref());
    let last = panics
        .iter()
        .rposition(|p| p.serial >= since && p.message == message);
    let Some(last) = last else { return 0..0 };
    let mut first = last;
    while first > 0 && panics[first].linked && panics[first - 1].serial >= since {
        first -= 1;
    }
    first..last + 1
}

/// For `main`'s return: another goroutine's panic may be on its way to end the process; its text comes
/// first, if it comes soon (Go gives way a thousand times, too). One that is caught by others than us is
/// not heard of until its goroutine ends, hence the end of patience (README.md, "Main's end").
pub(crate) fn await_unwinding() {
    // Main has returned: what it may have caught itself is over.
    if let Some(g) = current_g().filter(|g| g.has(flag::COLD)) {
        g.unwind_state().unwinding = None;
    }
    for _ in 0..1000 {
        if !Unwinding::any() {
            break;
        }
        // It may need this P; or it has one, and needs time.
        gosched();
        std::thread::sleep(std::time::Duration::from_micros(10));
    }
    fatal::wait_if_dying();
}

/// [`resume_unwind`] of a panic: the hook does not see it, [`await_unwinding`] does.
pub(crate) fn unwind_again(payload: Payload) -> ! {
    if let Some(g) = current_g() {
        g.unwind_state()
            .unwinding
            .get_or_insert_with(Unwinding::new);
    }
    resume_unwind(payload)
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

/// A panic that was raised in a deferred body while this one unwound, instead of it. Does not unwind: if
/// the destructor of a payload panics, that panic is the one that counts.
pub(crate) fn take_replacement(payload: Payload) -> Payload {
    // Destructors that panic with payloads whose destructors panic: some time it is enough.
    const ROUNDS: usize = 16;
    let Some(mut counts) = take_replaced_by() else {
        return payload;
    };
    let mut replaced = payload;
    for _ in 0..ROUNDS {
        match catch_unwind(AssertUnwindSafe(|| drop(replaced))) {
            Ok(()) => return counts,
            Err(newer) => replaced = std::mem::replace(&mut counts, newer),
        }
    }
    std::mem::forget(replaced);
    counts
}

/// Prints Go's text for an unrecovered panic and ends the process.
pub(crate) fn die_of(g: GRef, payload: &Payload) -> ! {
    fatal::claim();
    let level = dump::Level::from_env();
    let mut text = String::new();
    let panics = &g.unwind_state().panics;
    let panics = &panics[chain_of(panics, payload, 0)];
    if panics.is_empty() {
        // Raised by another goroutine, or not seen by our hook.
        let _ = writeln!(text, "panic: {}", indented(&message_of(payload.as_ref())));
    }
    for (i, p) in panics.iter().enumerate() {
        let tabs = if i == 0 { "" } else { "\t" };
        let _ = write!(text, "{tabs}panic: {}", indented(&p.message));
        text.push_str(match (p.recovered.is_some(), p.repanicked) {
            (true, true) => " [recovered, repanicked]\n",
            (true, false) => " [recovered]\n",
            _ => "\n",
        });
    }
    if g.has(flag::FAMILY)
        && let Some(seed) = super::bubble::seed_of(g)
    {
        let _ = writeln!(
            text,
            "under testing::explore; testing::replay({seed}, ..) repeats it"
        );
    }
    if let Some(origin) = origin::of(g) {
        let _ = writeln!(text, "in a goroutine of {}", origin.name());
    }
    if level != dump::Level::None {
        let _ = writeln!(
            text,
            "\ngoroutine {} [running]:",
            g.id.load(Ordering::Relaxed)
        );
        if let Some(p) = panics.last() {
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
/// ending by [`goexit`] and has swallowed the unwind is unwound again; in a debug build, one that is
/// inside a [`NoSuspend`](crate::runtime::NoSuspend) scope panics.
#[inline]
pub(crate) fn before_block() {
    if let Some(g) = current_g()
        && g.has(flag::COLD)
        && !may_block(g)
    {
        refuse_to_block(g);
    }
}

/// May the running goroutine `g` block? Always while it unwinds.
#[cold]
pub(crate) fn may_block(g: GRef) -> bool {
    let refused = g.is_ending() || cfg!(debug_assertions) && g.no_suspend() > 0;
    !refused || std::thread::panicking()
}

#[cold]
#[inline(never)]
fn refuse_to_block(g: GRef) {
    if g.is_ending() {
        goexit();
    }
    panic!("suspended inside a NoSuspend scope");
}

/// What a caught panic was; the error of [`recover`](crate::recover).
///
/// As long as it lives, a new panic of the same goroutine is reported together with it
/// (`panic: first [recovered]`), as in a deferred function of Go that panics after recovering.
pub struct Panic {
    payload: Option<Payload>,
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
        if let Some((g, serials)) = self.own_records() {
            for p in &mut g.unwind_state().panics {
                p.repanicked |= serials.contains(&p.serial);
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
        self.payload.take().expect("taken once")
    }

    /// The running goroutine and the numbers of the records, if they are its own.
    fn own_records(&self) -> Option<(GRef, RangeInclusive<u64>)> {
        let records = self.records.as_ref()?;
        let g = current_g()?;
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
            payload: Some(payload),
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
    let since = SERIAL.load(Ordering::Relaxed);
    // In a deferred body that runs because of a panic: what has replaced that panic is not ours.
    let unwinding = std::thread::panicking();
    let outer = if unwinding { take_replaced_by() } else { None };
    let result = match catch_unwind(AssertUnwindSafe(f)) {
        Err(payload) => Err(recovered(payload, since)),
        // A deferred body in `f` may have panicked: where the thread is panicking that is caught.
        Ok(r) if unwinding => take_replaced_by().map_or(Ok(r), |p| Err(recovered(p, since))),
        Ok(r) => Ok(r),
    };
    if let Some(g) = current_g().filter(|_| outer.is_some()) {
        g.unwind_state().replaced_by = outer;
    }
    result
}

fn take_replaced_by() -> Option<Payload> {
    current_g()?.unwind_state().replaced_by.take()
}

#[cold]
#[inline(never)]
fn recovered(payload: Payload, since: u64) -> Panic {
    let g = current_g();
    let replaced_by = take_replaced_by();
    let is_end = |p: &Payload| p.is::<Goexit>();
    if is_end(&payload) || replaced_by.as_ref().is_some_and(is_end) {
        // The end is not stopped; a panic before it, or on its way, is recovered.
        if let Some(g) = g {
            g.unwind_state().panics.retain(|p| p.serial < since);
        }
        resume_unwind(Box::new(Goexit));
    }
    // Unless it was raised by a deferred body, beneath one that goes on.
    if let Some(g) = g
        && !std::thread::panicking()
    {
        g.unwind_state().unwinding = None;
    }
    let payload = replaced_by.unwrap_or(payload);
    Panic {
        records: g.and_then(|g| records_of(g, &payload, since)),
        payload: Some(payload),
    }
}

/// Marks the records of a panic that has just been recovered.
fn records_of(g: GRef, payload: &Payload, since: u64) -> Option<Records> {
    let panics = &mut g.unwind_state().panics;
    let chain = chain_of(panics, payload, since);
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
    let Some(g) = current_g() else {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(f)) {
            eprintln!(
                "panic: {} (in a deferred body, while panicking)",
                message_of(payload.as_ref())
            );
        }
        return;
    };
    g.unwind_state().bodies += 1;
    let result = catch_unwind(AssertUnwindSafe(f));
    g.unwind_state().bodies -= 1;
    if let Err(payload) = result {
        g.unwind_state().replaced_by = Some(payload);
    }
}
