//! A value that lies where it was put: [`InPlace`].
//!
//! An operation moves its value by address. What is passed is who owns it: as a box owns what it points to,
//! but the place is a borrowed one.

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};

/// A value in a borrowed place: who has this owns it. There is no `Drop`: what is forgotten leaks.
#[must_use = "the value leaks"]
pub(super) struct InPlace<'p, T>(NonNull<T>, PhantomData<&'p mut MaybeUninit<T>>);

impl<'p, T> InPlace<'p, T> {
    /// Puts `value` there. (Not `MaybeUninit::write`, which has it in its own frame once more in a debug build.)
    #[inline(always)]
    pub(super) fn put(place: &'p mut MaybeUninit<T>, value: T) -> Self {
        let place = NonNull::from(place).cast::<T>();
        // SAFETY: borrowed.
        unsafe { place.write(value) };
        InPlace(place, PhantomData)
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
        unsafe { self.0.read() }
    }

    /// Drops it.
    #[inline(always)]
    pub(super) fn drop_in_place(self) {
        // SAFETY: ours, and not used any more.
        unsafe { ptr::drop_in_place(self.0.as_ptr()) }
    }

    /// Its place; the value is whoever's who has that.
    #[inline(always)]
    pub(super) fn into_room(self) -> &'p mut MaybeUninit<T> {
        // SAFETY: borrowed for so long.
        unsafe { self.0.cast().as_mut() }
    }

    /// Where it is: whoever's who has the pointer.
    #[inline(always)]
    pub(super) fn into_place(self) -> NonNull<T> {
        self.0
    }
}
