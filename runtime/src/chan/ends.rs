//! How a channel ends: closed, or abandoned by its receivers; and what becomes of the values in it.

use super::hchan::{Locked, RawChan};
use super::waitq::Outcome;
use std::alloc::{self, Layout};
use std::ptr::{self, NonNull};

impl RawChan {
    /// Frees the memory, and drops the values left in the ring, also if a drop panics.
    ///
    /// # Safety
    /// `chan` came from `new::<T>`; no other handle can reach it any more.
    pub(super) unsafe fn free<T>(chan: NonNull<RawChan>) {
        struct Memory(NonNull<RawChan>, Layout);
        impl Drop for Memory {
            fn drop(&mut self) {
                // SAFETY: allocated in `new` with this layout, and not used any more.
                unsafe { alloc::dealloc(self.0.as_ptr().cast(), self.1) }
            }
        }
        // SAFETY: the caller has the channel to itself.
        let c = unsafe { Locked::new(chan.as_ref()) };
        let (layout, _) = Self::layout::<T>(c.cap()).expect("was checked when it was made");
        let memory = Memory(chan, layout);
        if c.sendq().is_empty() && c.len() == 0 {
            return drop(memory);
        }
        let values = c.values::<T>();
        let _put_back = c.take_put_back();
        if !c.is_abandoned() {
            // SAFETY: as above; they have not been dropped before.
            unsafe { drop_values(values) }
        }
    }

    /// Closes the channel and wakes all waiters. `false`: it was closed before.
    pub(super) fn close(&self) -> bool {
        self.close_and(|| ())
    }

    /// [`close`](Self::close), with `unlock` between the moment at which it is closed and the wake-ups, which may
    /// run user code (wakers).
    pub(super) fn close_and(&self, unlock: impl FnOnce()) -> bool {
        let guard = self.lock();
        let chan = guard.locked();
        if !chan.mark_closed() {
            drop(guard);
            unlock();
            return false;
        }
        let served = chan.rob_for_waiting();
        let senders = chan.sendq().drain(Outcome::Closed);
        let mut receivers = chan.recvq().drain_some(Outcome::Closed);
        drop(guard);
        unlock();
        senders.wake_all();
        // A receiver that is still in the queue waits for nothing but this: there is no value, and on a closed
        // channel no goroutine begins to wait.
        loop {
            let (some, more) = receivers;
            some.wake_all();
            if !more {
                break;
            }
            receivers = self.lock().locked().recvq().drain_some(Outcome::Closed);
        }
        served.wake_all();
        true
    }

    /// The last receiver has gone: no goroutine will ever take what waiting senders offer, nor what is
    /// in the buffer, which is dropped; all of it, also if a drop panics.
    ///
    /// # Safety
    /// Called once, by the goroutine that ended the receivers' side and keeps the channel until this
    /// is over; the elements are of type `T`.
    pub(super) unsafe fn abandon<T>(&self) {
        let guard = self.lock();
        let chan = guard.locked();
        chan.mark_abandoned();
        let values = chan.values::<T>();
        let woken = chan.sendq().drain(Outcome::NoReceivers);
        let put_back = chan.take_put_back();
        drop(guard);
        woken.wake_all();
        drop(put_back);
        // SAFETY: no receiver is left, and since the mark no sender touches the ring, nor does `free`.
        unsafe { drop_values(values) }
    }
}

/// Drops the first part and then the second, also if a drop panics.
///
/// # Safety
/// Both hold values that no other code uses.
unsafe fn drop_values<T>([oldest, wrapped]: [*mut [T]; 2]) {
    struct Values<T>(*mut [T]);
    impl<T> Drop for Values<T> {
        fn drop(&mut self) {
            // SAFETY: the caller's promise; dropped once, here.
            unsafe { ptr::drop_in_place(self.0) }
        }
    }
    // Dropped in reverse order of declaration.
    let _wrapped = Values(wrapped);
    let _oldest = Values(oldest);
}
