//! What a goroutine knows of its panics.

use std::any::{Any, TypeId};
use std::sync::Weak;
use std::sync::atomic::{AtomicU32, Ordering};

/// What an unwinding goroutine has to remember. Boxed: most never need it.
#[derive(Default)]
pub(crate) struct Unwind {
    /// What the panic hook saw, oldest first.
    pub(crate) panics: Vec<PanicRecord>,
    /// Deferred bodies that run because of a panic, one inside the other.
    pub(crate) bodies: u32,
    /// A panic raised in a deferred body while unwinding, caught there; it replaces the first.
    pub(crate) replaced_by: Option<Replacement>,
    /// The goroutine is ending by `goexit` (or abandonment); swallowing the unwind does not stop it.
    pub(crate) ending: bool,
    /// From a panic until it is recovered or the goroutine has ended.
    pub(crate) unwinding: Option<Unwinding>,
}

/// A panic in the place of another.
pub(crate) struct Replacement {
    pub(crate) payload: Box<dyn Any + Send>,
    /// Panics raised after its deferred body began have this serial number, or a higher one.
    pub(crate) began: u64,
    /// [`Unwind::bodies`] when the body began.
    pub(crate) depth: u32,
}

/// Which panic it is, as its payload tells without the user's help.
#[derive(PartialEq, Eq)]
pub(crate) enum PanicValue {
    /// A string, or a value of a basic type.
    Text(String),
    /// A boxed error, by its address.
    Error(usize),
    Other(TypeId),
}

/// A goroutine that unwinds, counted (Go's `runningPanicDefers`).
pub(crate) struct Unwinding(());

static UNWINDING: AtomicU32 = AtomicU32::new(0);

impl Unwinding {
    pub(crate) fn new() -> Self {
        UNWINDING.fetch_add(1, Ordering::SeqCst);
        Unwinding(())
    }

    /// Is any goroutine unwinding?
    pub(crate) fn any() -> bool {
        UNWINDING.load(Ordering::SeqCst) != 0
    }
}

impl Drop for Unwinding {
    fn drop(&mut self) {
        UNWINDING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// One panic as the hook saw it.
pub(crate) struct PanicRecord {
    pub(crate) serial: u64,
    pub(crate) value: PanicValue,
    /// What an error said when it was asked. `Err`: it panicked.
    pub(crate) said: Option<Result<String, String>>,
    /// [`Unwind::bodies`] when it was raised.
    pub(crate) depth: u32,
    /// Raised in a deferred body while the one before unwound, or while that one was held: Go prints
    /// them together.
    pub(crate) linked: bool,
    /// It was recovered; whether the `Panic` that stands for it still lives.
    pub(crate) recovered: Option<Weak<()>>,
    pub(crate) repanicked: bool,
    /// Where; not symbolised before it is printed.
    pub(crate) backtrace: std::backtrace::Backtrace,
}

impl PanicRecord {
    /// As Go prints it.
    pub(crate) fn text(&self) -> &str {
        match (&self.value, &self.said) {
            (PanicValue::Text(text), _) => text,
            (_, Some(Ok(text) | Err(text))) => text,
            (PanicValue::Error(_), None) => "Box<dyn Error + Send + Sync>",
            (PanicValue::Other(_), None) => "Box<dyn Any>",
        }
    }

    /// Does a `Panic` stand for it?
    pub(crate) fn is_held(&self) -> bool {
        self.recovered
            .as_ref()
            .is_some_and(|w| w.strong_count() > 0)
    }
}
