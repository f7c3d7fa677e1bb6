//! [`JoinError`], how a joined goroutine ended that has no result.

use super::caught::Caught;
use super::{Goexit, Panic, Payload, unwind_again};
use std::any::Any;
use std::error::Error;
use std::fmt;

/// Why a goroutine that was joined has no result: it panicked, or ended by
/// [`goexit`](crate::runtime::goexit).
///
/// It is an error like others: `?` turns it into `anyhow::Error` or `Box<dyn Error + Send + Sync>`, and into
/// a [`Panic`] or the `Box<dyn Any + Send>` of [`std::thread::Result`].
///
/// # Examples
/// ```
/// use goroutines::spawn;
/// use std::error::Error;
///
/// fn total() -> Result<i32, Box<dyn Error + Send + Sync>> {
///     let (a, b) = (spawn(|| 40), spawn(|| "2".parse::<i32>()));
///     Ok(a.join()? + b.join()??)
/// }
/// assert_eq!(total().unwrap(), 42);
///
/// let error = spawn(|| panic!("boom")).join().unwrap_err();
/// assert_eq!(error.to_string(), "goroutine panicked: boom");
/// assert_eq!(error.downcast_ref::<&str>(), Some(&"boom"));
/// ```
pub struct JoinError(Caught);

impl JoinError {
    /// The panic's message, as [`Panic::message`] has it.
    ///
    /// # Panics
    /// If the goroutine panicked with an error whose `Display` panics.
    #[must_use]
    pub fn message(&self) -> String {
        self.0.message()
    }

    /// Is the payload a `T`? `is::<Goexit>()` asks whether the goroutine ended by `goexit`, or because
    /// no receiver was left for what it sent.
    #[must_use]
    pub fn is<T: 'static>(&self) -> bool {
        self.0.is::<T>()
    }

    /// The payload, if it is a `T`.
    #[must_use]
    pub fn downcast_ref<T: Sync + 'static>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }

    /// The payload itself, if it is a `T`.
    ///
    /// # Errors
    /// The error itself, if its payload is something else.
    pub fn downcast<T: 'static>(self) -> Result<Box<T>, JoinError> {
        self.0.into_payload().downcast().map_err(JoinError::from)
    }

    /// The payload as `std` knows it.
    #[must_use]
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        self.0.into_payload()
    }

    /// Panics with the same payload, or ends this goroutine too if the other one ended by `goexit`. As
    /// [`std::panic::resume_unwind`] of the payload.
    pub fn resume(self) -> ! {
        unwind_again(self.into_payload())
    }
}

impl From<Payload> for JoinError {
    fn from(payload: Payload) -> Self {
        JoinError(Caught::new(payload))
    }
}

impl From<JoinError> for Payload {
    fn from(error: JoinError) -> Self {
        error.into_payload()
    }
}

impl From<JoinError> for Panic {
    fn from(error: JoinError) -> Self {
        error.into_payload().into()
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is::<Goexit>() {
            return f.write_str("Goexit");
        }
        f.debug_tuple("Panic").field(&self.message()).finish()
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is::<Goexit>() {
            return f.write_str("goroutine exited");
        }
        write!(f, "goroutine panicked: {}", self.message())
    }
}

impl Error for JoinError {
    /// The error that the goroutine panicked with, if it was one (`Box<dyn Error + Send + Sync>`).
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.error()
    }
}
