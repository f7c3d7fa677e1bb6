//! What a report about a connection says was asked for: method and target of the request at hand.
//!
//! They are copied when a report may come for which the request is no longer there: after a panic of the handler,
//! and while an answer is sent that the user's code has a part in.

use hyper::http::{Method, Uri};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// The request that reports about the connection are about, if one is at hand.
#[derive(Default)]
pub(super) struct LastAsked {
    /// `last` has something. Relaxed: a hint for the connection's goroutine, which alone sets both.
    is_kept: AtomicBool,
    last: Mutex<Option<(Method, Uri)>>,
}

impl LastAsked {
    pub(super) fn keep(&self, method: &Method, uri: &Uri) {
        self.set(Some((method.clone(), uri.clone())));
    }

    pub(super) fn forget(&self) {
        if self.is_kept.load(Ordering::Relaxed) {
            self.set(None);
        }
    }

    fn set(&self, asked: Option<(Method, Uri)>) {
        self.is_kept.store(asked.is_some(), Ordering::Relaxed);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = asked;
    }

    pub(super) fn get(&self) -> Option<(Method, Uri)> {
        self.last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Does something when it is dropped: at the end of a block, or when a panic leaves it.
pub(super) struct AtEnd<F: FnMut()>(pub(super) F);

impl<F: FnMut()> AtEnd<F> {
    /// It is not necessary.
    pub(super) fn dismiss(self) {
        std::mem::forget(self);
    }
}

impl<F: FnMut()> Drop for AtEnd<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}
