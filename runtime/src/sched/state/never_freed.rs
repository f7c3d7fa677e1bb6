//! A word that names something which is never freed, or nothing.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// An atomic `Option<&'static T>`: Ms and Ps are leaked, so a thread that reads one may keep it.
pub(crate) struct AtomicRef<T: 'static>(AtomicPtr<T>);

fn raw<T>(value: Option<&'static T>) -> *mut T {
    value.map_or(ptr::null_mut(), |value| ptr::from_ref(value).cast_mut())
}

impl<T: Sync> AtomicRef<T> {
    /// Nothing.
    pub(crate) const fn none() -> Self {
        AtomicRef(AtomicPtr::new(ptr::null_mut()))
    }

    /// What a word like this one held.
    #[inline(always)]
    fn seen(word: *mut T) -> Option<&'static T> {
        // SAFETY: null, or stored from a `&'static`: there is no other way in.
        unsafe { word.as_ref() }
    }

    #[inline(always)]
    pub(crate) fn load(&self, order: Ordering) -> Option<&'static T> {
        Self::seen(self.0.load(order))
    }

    #[inline(always)]
    pub(crate) fn store(&self, value: Option<&'static T>, order: Ordering) {
        self.0.store(raw(value), order);
    }

    #[inline(always)]
    pub(crate) fn swap(&self, value: Option<&'static T>, order: Ordering) -> Option<&'static T> {
        Self::seen(self.0.swap(raw(value), order))
    }

    /// Puts `value` in front of a list whose head this is, which only grows or is taken as a whole; `link` is
    /// the place in `value` for the rest. Release: a thread that takes the head sees `value` as it was pushed.
    pub(crate) fn push(&self, value: &'static T, link: &AtomicRef<T>) {
        let mut head = self.0.load(Ordering::Relaxed);
        loop {
            link.0.store(head, Ordering::Relaxed);
            let (ok, lost) = (Ordering::Release, Ordering::Relaxed);
            match self.0.compare_exchange(head, raw(Some(value)), ok, lost) {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
    }
}
