//! [`Select`]: a select whose arms are added at run time (Go's `reflect.Select`).
//!
//! Each arm is boxed when it is added, so it stays in place while the list grows; waiting does not
//! allocate once the list of erased arms has its size. Arms keep their numbers for ever: one that was
//! removed, or whose value has been sent, is replaced by one that is never ready.

use super::arm::{self, Operand, SendArm};
use super::raw_arm::Arm;
use super::select::{none_ready, try_any, wait_for, wait_for_any};
use super::{CanRecv, CanSend};
use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A select whose arms are added at run time: the dynamic form of `select!`, Go's `reflect.Select`.
///
/// Arms are numbered from 0 as they are added. A receive arm can be chosen again and again; a send
/// arm sends its value once and is never ready after that.
///
/// ```
/// use goroutines::chan::{Chan, Select};
///
/// let channels: Vec<Chan<u32>> = (0..3).map(|_| Chan::new(1)).collect();
/// channels[1].send(11);
///
/// let mut sel = Select::new();
/// let arms: Vec<_> = channels.iter().map(|ch| sel.recv(ch)).collect();
/// let chosen = sel.wait();
/// assert_eq!(chosen, 1);
/// assert_eq!(sel.take(arms[chosen]), Some(11));
/// ```
#[derive(Default)]
pub struct Select<'a> {
    /// Tells this select's arms from others'; 0 until the first arm is added.
    id: u64,
    arms: Vec<Box<dyn AnyArm + 'a>>,
    /// Filled only during a wait; kept to reuse its memory.
    erased: Vec<Arm<'static>>,
}

/// The name of a receive arm of a [`Select`], to [`take`](Select::take) its value with. Equal to its
/// number.
pub struct RecvArm<T> {
    select: u64,
    index: usize,
    _type: PhantomData<fn() -> T>,
}

impl<T> RecvArm<T> {
    /// The arm's number, which [`Select::wait`] returns if it is chosen.
    pub fn index(self) -> usize {
        self.index
    }
}
impl<T> Clone for RecvArm<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for RecvArm<T> {}
impl<T> fmt::Debug for RecvArm<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecvArm({})", self.index)
    }
}
impl<T> PartialEq<usize> for RecvArm<T> {
    fn eq(&self, other: &usize) -> bool {
        self.index == *other
    }
}
impl<T> From<RecvArm<T>> for usize {
    fn from(arm: RecvArm<T>) -> usize {
        arm.index
    }
}

/// An arm of any type.
trait AnyArm {
    fn erase(&mut self) -> Arm<'_>;
    /// Drops a value that was received and not taken.
    fn reset(&mut self) {}
    /// Moves a received value to `into`; `false` if there is none.
    ///
    /// # Safety
    /// `into` has room for a value of the arm's type.
    unsafe fn take_into(&mut self, into: *mut u8) -> bool {
        let _ = into;
        false
    }
    fn is_send(&self) -> bool {
        false
    }
    /// The end of a send arm that was chosen.
    #[track_caller]
    fn finish(self: Box<Self>) {}
}

impl<T> AnyArm for arm::RecvArm<'_, T> {
    fn erase(&mut self) -> Arm<'_> {
        self.arm()
    }
    fn reset(&mut self) {
        drop(self.take_value());
    }
    unsafe fn take_into(&mut self, into: *mut u8) -> bool {
        let Some(value) = self.take_value() else {
            return false;
        };
        // SAFETY: the caller's promise.
        unsafe { into.cast::<T>().write(value) };
        true
    }
}

impl<T> AnyArm for SendArm<'_, T> {
    fn erase(&mut self) -> Arm<'_> {
        self.arm()
    }
    fn is_send(&self) -> bool {
        true
    }
    #[track_caller]
    fn finish(self: Box<Self>) {
        SendArm::finish(*self);
    }
}

/// An arm that is never ready.
fn dead<'a>() -> Box<dyn AnyArm + 'a> {
    Box::new(arm::RecvArm::<()>::never())
}

impl<'a> Select<'a> {
    /// A select without arms.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the arm `<-channel`. The operand is as in `select!`: a handle, a reference to one, or an
    /// `Option`, where `None` is never ready.
    pub fn recv<C: Operand>(&mut self, channel: &'a C) -> RecvArm<C::Item>
    where
        C::Dir: CanRecv,
        C::Item: 'a,
    {
        static IDS: AtomicU64 = AtomicU64::new(1);
        if self.id == 0 {
            self.id = IDS.fetch_add(1, Ordering::Relaxed);
        }
        let index = self.add(arm::recv_case(channel).own());
        RecvArm {
            select: self.id,
            index,
            _type: PhantomData,
        }
    }

    /// Adds the arm `channel <- value` and returns its number. Its value is sent at most once.
    pub fn send<C: Operand>(&mut self, channel: &'a C, value: C::Item) -> usize
    where
        C::Dir: CanSend,
        C::Item: 'a,
    {
        self.add(arm::send_case(channel).value(value))
    }

    fn add(&mut self, arm: impl AnyArm + 'a) -> usize {
        self.arms.push(Box::new(arm));
        self.arms.len() - 1
    }

    /// Removes arm number `index`, with the value that it was to send. The other arms keep their
    /// numbers.
    ///
    /// # Panics
    /// If there never was such an arm.
    pub fn remove(&mut self, index: usize) {
        self.arms[index] = dead();
    }

    /// Waits until one of the arms has been carried out and returns its number; among several ready
    /// arms each is equally likely. A value received before and not taken is dropped.
    ///
    /// # Panics
    /// `send on closed channel`; abandoned sends end the goroutine, as in [`Chan::send`](super::Chan::send).
    ///
    /// # Suspends
    /// While no arm is ready; for ever if there are none.
    #[track_caller]
    pub fn wait(&mut self) -> usize {
        let chosen = self.run(|arms| wait_for_any(arms, false));
        self.finish(chosen)
    }

    /// Carries out one of the arms if one is ready. Go: `reflect.Select` with a default case.
    ///
    /// # Panics
    /// `send on closed channel`.
    ///
    /// ```
    /// # use goroutines::chan::{Chan, Select};
    /// let ch = Chan::new(1);
    /// let mut sel = Select::new();
    /// let send = sel.send(&ch, "x");
    /// assert_eq!(sel.try_wait(), Some(send));
    /// assert_eq!(sel.try_wait(), None);
    /// assert_eq!(ch.recv(), Some("x"));
    /// ```
    #[track_caller]
    pub fn try_wait(&mut self) -> Option<usize> {
        let chosen = self.run(|arms| {
            if none_ready(arms) {
                None
            } else {
                try_any(arms, false)
            }
        })?;
        Some(self.finish(chosen))
    }

    /// [`wait`](Self::wait), but no longer than `timeout`: then `None`. Zero does not wait at all.
    ///
    /// # Panics
    /// `send on closed channel`.
    ///
    /// # Suspends
    /// While no arm is ready.
    ///
    /// ```
    /// # use goroutines::chan::{Chan, Select};
    /// let ch = Chan::<u8>::new(0);
    /// let mut sel = Select::new();
    /// sel.recv(&ch);
    /// assert_eq!(sel.wait_timeout(std::time::Duration::from_millis(1)), None);
    /// ```
    #[track_caller]
    pub fn wait_timeout(&mut self, timeout: Duration) -> Option<usize> {
        if timeout.is_zero() {
            return self.try_wait();
        }
        let chosen = self.run(|arms| wait_for(arms, false, timeout))?;
        Some(self.finish(chosen))
    }

    /// What the arm, having been chosen by the last wait, received. `None`: its channel is closed and
    /// drained, or it was not chosen, or the value has been taken.
    ///
    /// # Panics
    /// If `arm` belongs to another select.
    pub fn take<T>(&mut self, arm: RecvArm<T>) -> Option<T> {
        assert_eq!(arm.select, self.id, "the arm belongs to another select");
        let mut value = MaybeUninit::<T>::uninit();
        // SAFETY: this select gave out `arm` when it added an arm for elements of type `T` with that
        // number; since then only a dead arm, which writes nothing, can have taken its place.
        unsafe {
            self.arms[arm.index]
                .take_into(value.as_mut_ptr().cast())
                .then(|| value.assume_init())
        }
    }

    /// Lends all arms, erased, to `f`.
    fn run<R>(&mut self, f: impl FnOnce(&mut [Arm<'_>]) -> R) -> R {
        self.erased.clear();
        for arm in &mut self.arms {
            arm.reset();
            // SAFETY: only the lifetime changes. The boxes stay where they are, and no other code
            // uses them until the erased arms have been cleared below.
            self.erased
                .push(unsafe { std::mem::transmute::<Arm<'_>, Arm<'static>>(arm.erase()) });
        }
        let result = f(&mut self.erased);
        self.erased.clear();
        result
    }

    #[track_caller]
    fn finish(&mut self, chosen: usize) -> usize {
        if self.arms[chosen].is_send() {
            std::mem::replace(&mut self.arms[chosen], dead()).finish();
        }
        chosen
    }
}
