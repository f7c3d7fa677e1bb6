//! Waiting in a place under a lock, and the right to wake the goroutine that waits there, as a value: [`Parking`]
//! and [`Parked`].
//!
//! A [`Parked`] is put into its place by [`Parking::park`] alone, under the lock that is given back when the
//! goroutine has left its stack. So the code that finds one there may wake it, and need not promise anything for that.

use super::park::{park_unlock, ready};
pub(crate) use crate::g::waiter::Parked;
use crate::g::{WaitReason, Waiter};
use crate::sys::spin::SpinGuard;
use std::marker::PhantomData;

/// The caller, before it waits. Made with nothing locked: on a plain thread it may boot the runtime.
pub(crate) struct Parking {
    waiter: Waiter,
    /// It is about the goroutine or thread that made it.
    stays: PhantomData<*const ()>,
}

impl Parking {
    #[inline]
    pub(crate) fn new() -> Parking {
        Parking {
            waiter: Waiter::current(),
            stays: PhantomData,
        }
    }

    /// From now on a [`Parked`] is in `place`, behind the lock; waits until it is woken.
    #[inline]
    pub(crate) fn park<T>(
        self,
        reason: WaitReason,
        mut guard: SpinGuard<'_, T>,
        place: impl FnOnce(&mut T) -> &mut Option<Parked>,
    ) {
        // SAFETY: it waits from when the lock is given back, and this is behind that lock until then.
        *place(&mut guard) = Some(unsafe { Parked::new(self.waiter) });
        park_unlock(reason, guard);
    }
}

impl Parked {
    /// Wakes it. With no spinlock held.
    #[inline]
    pub(crate) fn wake(self) {
        // SAFETY: this is the right to do so: the waiter was taken out of the place where it was found, and has parked.
        unsafe { ready(self.into_waiter()) }
    }
}
