//! [`Caught`], a payload that may be shared.
//!
//! A payload is `Send` and not `Sync`; an error that `?` passes on must be both. So a shared reference to a
//! `Caught` gives out only what cannot be misused from two threads: which type the payload has, and a
//! reference to it if that type is `Sync`. All else needs the payload itself.

use super::Payload;
use super::user::{BoxedError, message_of};
use std::any::Any;

/// A panic's payload behind the door above.
pub(super) struct Caught(Payload);

// SAFETY: no method gives a `&T` to the payload through `&self`, unless `T: Sync`. (`message_of` looks only
// at types that are.)
unsafe impl Sync for Caught {}

impl Caught {
    pub(super) fn new(payload: Payload) -> Self {
        Caught(payload)
    }

    pub(super) fn message(&self) -> String {
        message_of(self.0.as_ref())
    }

    /// For the text of a report, which asks only types that are `Sync`, as `message_of` does.
    pub(super) fn as_payload(&self) -> &(dyn Any + Send) {
        self.0.as_ref()
    }

    pub(super) fn is<T: 'static>(&self) -> bool {
        self.0.is::<T>()
    }

    pub(super) fn downcast_ref<T: Sync + 'static>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }

    /// The error, if the goroutine panicked with one.
    pub(super) fn error(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let error = self.0.downcast_ref::<BoxedError>()?;
        Some(error.as_ref())
    }

    pub(super) fn into_payload(self) -> Payload {
        self.0
    }
}
