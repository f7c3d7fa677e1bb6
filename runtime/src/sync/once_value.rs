//! Values and effects computed at most once (Go's `OnceFunc` and `OnceValue`, `oncefunc.go`).
//!
//! `result` is set by the one caller that `once` lets through.

use super::Once;
use super::rt::{Panic, SpinMutex, recover_to_resume};
use std::fmt;
use std::ops::Deref;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, OnceLock};

/// A value computed when it is first asked for (Go's `sync.OnceValue`), fit for a `static`.
///
/// If the function panics, every call panics: the first with that value, later ones with its text
/// (a panic's value cannot be copied in Rust).
///
/// ```
/// use goroutines::sync::OnceValue;
///
/// static PRIMES: OnceValue<Vec<u32>> = OnceValue::new(|| vec![2, 3, 5, 7]);
///
/// assert_eq!(PRIMES.get().len(), 4);
/// assert_eq!(PRIMES[1], 3); // it also dereferences to the value
/// ```
pub struct OnceValue<T, F = fn() -> T> {
    once: Once,
    /// Until it is called.
    f: SpinMutex<Option<F>>,
    /// Set in `once`.
    result: OnceLock<Result<T, Repeat>>,
}

impl<T, F> UnwindSafe for OnceValue<T, F> {}
impl<T, F> RefUnwindSafe for OnceValue<T, F> {}

impl<T, F> OnceValue<T, F> {
    /// A value that `f` will compute.
    ///
    /// ```
    /// static ANSWER: goroutines::sync::OnceValue<u32> = goroutines::sync::OnceValue::new(|| 42);
    /// assert_eq!(*ANSWER.get(), 42);
    /// ```
    pub const fn new(f: F) -> Self {
        Self {
            once: Once::new(),
            f: SpinMutex::new(Some(f)),
            result: OnceLock::new(),
        }
    }
}

impl<T, F: FnOnce() -> T> OnceValue<T, F> {
    /// The value; the first call computes it, others wait for that. Afterwards it costs two loads.
    ///
    /// # Panics
    /// With the function's panic, at every call. Asking for the value in its own function blocks for ever.
    ///
    /// # Suspends
    /// The goroutine, while another computes the value.
    ///
    /// ```
    /// let greeting = goroutines::sync::OnceValue::new(|| format!("hello {}", "gopher"));
    /// assert_eq!(greeting.get(), "hello gopher");
    /// ```
    #[inline]
    #[track_caller]
    pub fn get(&self) -> &T {
        self.once.do_(|| self.compute());
        match self.result.get() {
            Some(Ok(value)) => value,
            Some(Err(repeat)) => repeat.panic(),
            // The function has neither returned nor panicked.
            None => Repeat("ended its goroutine instead of returning".into()).panic(),
        }
    }

    fn compute(&self) {
        let f = self.f.lock().take().expect("computed once");
        let (result, panic) = match recover_to_resume(f) {
            Ok(value) => (Ok(value), None),
            Err(panic) => (Err(Repeat::of(&panic)), Some(panic)),
        };
        let set = self.result.set(result);
        assert!(set.is_ok(), "computed once");
        if let Some(panic) = panic {
            panic.resume();
        }
    }
}

impl<T, F: FnOnce() -> T> Deref for OnceValue<T, F> {
    type Target = T;

    #[track_caller]
    fn deref(&self) -> &T {
        self.get()
    }
}

impl<T: fmt::Debug, F> fmt::Debug for OnceValue<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut d = f.debug_tuple("OnceValue");
        if !self.once.is_done() {
            return d.field(&format_args!("<pending>")).finish();
        }
        match self.result.get() {
            Some(Ok(value)) => d.field(value),
            _ => d.field(&format_args!("<panicked>")),
        };
        d.finish()
    }
}

/// A panic's text, to panic with again.
#[derive(Clone)]
pub(super) struct Repeat(String);

impl Repeat {
    pub(super) fn of(panic: &Panic) -> Self {
        Repeat(panic.text())
    }

    #[cold]
    #[track_caller]
    pub(super) fn panic(&self) -> ! {
        std::panic::panic_any(self.0.clone())
    }
}

/// A function that runs `f` at its first call, and at later calls nothing (Go's `sync.OnceFunc`).
/// Calls that come meanwhile wait for the first.
///
/// If `f` panics, every call panics as it did; see [`OnceValue`].
///
/// ```
/// let close = goroutines::sync::once_func(|| println!("closed"));
/// close();
/// close.clone()(); // prints nothing
/// ```
pub fn once_func<F>(f: F) -> impl Fn() + Clone + Send + Sync + 'static
where
    F: FnOnce() + Send + 'static,
{
    let once = Arc::new(OnceValue::new(f));
    move || *once.get()
}

/// A function that returns the value computed by `f` at the first call (Go's `sync.OnceValue`;
/// return a tuple for `OnceValues`). Calls that come meanwhile wait for the first.
///
/// If `f` panics, every call panics as it did; see [`OnceValue`], which also gives the value
/// without cloning it.
///
/// ```
/// let config = goroutines::sync::once_value(|| vec!["a", "b"]);
/// assert_eq!(config(), config.clone()());
/// ```
pub fn once_value<T, F>(f: F) -> impl Fn() -> T + Clone + Send + Sync + 'static
where
    T: Clone + Send + Sync + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let once = Arc::new(OnceValue::new(f));
    move || once.get().clone()
}
