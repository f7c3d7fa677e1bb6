//! A value that lies where it was put: [`InPlace`].
//!
//! An operation moves its value by address. What is passed is the ownership: an [`InPlace`] owns its value
//! as a box owns what it points to, but the place is borrowed.

use super::rt::Held;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};

/// A value in a borrowed place: the holder of this owns it. There is no `Drop`: what is forgotten leaks.
#[must_use = "the value leaks"]
pub(super) struct InPlace<'p, T>(NonNull<T>, PhantomData<&'p mut MaybeUninit<T>>);

impl<'p, T> InPlace<'p, T> {
    /// The value of a variable, which does not drop it any more.
    #[inline(always)]
    pub(super) fn held(held: &'p mut Held<T>) -> Self {
        let value = NonNull::new(held.let_go()).expect("held");
        InPlace(value, PhantomData)
    }

    /// # Safety
    /// A value has been written there.
    #[inline(always)]
    pub(super) unsafe fn filled(place: &'p mut MaybeUninit<T>) -> Self {
        InPlace(NonNull::from(place).cast(), PhantomData)
    }

    /// # Safety
    /// There is a value, which is the caller's; the place is borrowed for `'p`.
    #[inline(always)]
    pub(super) unsafe fn at(place: NonNull<T>) -> Self {
        InPlace(place, PhantomData)
    }

    /// The value.
    #[inline(always)]
    pub(super) fn take(self) -> T {
        // SAFETY: ours, and not used any more.
        unsafe { ptr::read(self.0.as_ptr()) }
    }

    /// Drops it.
    #[inline(always)]
    pub(super) fn drop_in_place(self) {
        // SAFETY: ours, and not used any more.
        unsafe { ptr::drop_in_place(self.0.as_ptr()) }
    }

    /// Its place; the value now belongs to the holder of the place.
    #[inline(always)]
    pub(super) fn into_room(self) -> &'p mut MaybeUninit<T> {
        // SAFETY: borrowed for that long.
        unsafe { self.0.cast().as_mut() }
    }

    /// Where it is.
    #[inline(always)]
    pub(super) fn place(&self) -> NonNull<T> {
        self.0
    }

    /// Where it is; the value now belongs to the holder of the pointer.
    #[inline(always)]
    pub(super) fn into_place(self) -> NonNull<T> {
        self.0
    }
}

/// Puts the value of a variable into a place. (A macro: each function that it goes through has it in its frame once more
/// in a debug build, as `MaybeUninit::write` would.)
macro_rules! put {
    ($place:expr, $value:ident) => {{
        let place: &mut std::mem::MaybeUninit<_> = $place;
        // SAFETY: borrowed; and filled then.
        unsafe {
            std::ptr::write(place.as_mut_ptr(), $value);
            $crate::chan::place::InPlace::filled(place)
        }
    }};
}
pub(super) use put;
