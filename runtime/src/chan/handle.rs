//! [`Chan`], the handle: making channels, counting handles, turning one direction into another, and
//! what ends when the last handle of a side goes.

use super::dir::{Both, CanRecv, CanSend, Direction, RecvOnly, Sealed, SendOnly};
use super::handles::Released;
use super::hchan::RawChan;
use super::rt::give_way_if_asked;
use super::typed::Typed;
use std::cell::UnsafeCell;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::ptr::{self, NonNull};

/// A handle to a channel of `T`, or nil (Go's `chan T`; with a direction, `chan<- T` or `<-chan T`).
///
/// `D` says what the handle can do: [`Both`] (the default), [`SendOnly`] ([`Sender<T>`]) or
/// [`RecvOnly`] ([`Receiver<T>`]). Handles are cheap to clone, and equal if they are handles to the
/// same channel. The operations are methods; using a direction that the type lacks does not compile:
///
/// ```compile_fail,E0277
/// let (tx, rx) = goroutines::chan::channel(1);
/// tx.send(1);
/// rx.send(2); // cannot send on a receive-only channel
/// ```
#[must_use]
pub struct Chan<T, D: Direction = Both> {
    /// `None` is Go's nil channel.
    raw: Option<NonNull<RawChan>>,
    /// Owns values of type `T` and is invariant in it: what goes in comes out elsewhere.
    _type: PhantomData<(UnsafeCell<T>, D)>,
}

/// The sending end of a channel: Go's `chan<- T`.
pub type Sender<T> = Chan<T, SendOnly>;
/// The receiving end of a channel: Go's `<-chan T`.
pub type Receiver<T> = Chan<T, RecvOnly>;

// SAFETY: a handle gives access to a `RawChan`, which is `Sync`, and to values of type `T` that move
// from one thread to another; no `&T` is ever shared.
unsafe impl<T: Send, D: Direction> Send for Chan<T, D> {}
// SAFETY: as above; all methods take `&self`.
unsafe impl<T: Send, D: Direction> Sync for Chan<T, D> {}
// No user code runs inside an operation, so a panic never leaves a channel half changed.
impl<T, D: Direction> UnwindSafe for Chan<T, D> {}
impl<T, D: Direction> RefUnwindSafe for Chan<T, D> {}

/// Makes a channel and returns its two ends. Go: `c := make(chan T, cap)`, passed on as `chan<- T` and
/// `<-chan T`.
///
/// # Panics
/// `makechan: size out of range` if the buffer is too big for the address space.
///
/// ```
/// let (tx, rx) = goroutines::chan::channel(1);
/// tx.send("hi");
/// drop(tx);
/// assert_eq!(rx.recv(), Some("hi"));
/// assert_eq!(rx.recv(), None);
/// ```
#[track_caller]
pub fn channel<T>(cap: usize) -> (Sender<T>, Receiver<T>) {
    let both = Chan::new(cap);
    (both.sender(), both.into_end())
}

impl<T> Chan<T, Both> {
    /// Makes a channel with room for `cap` values; 0 makes an unbuffered one. Go: `make(chan T, cap)`.
    ///
    /// # Panics
    /// `makechan: size out of range` if the buffer is too big for the address space.
    ///
    /// ```
    /// use goroutines::chan::Chan;
    /// let ch = Chan::new(3);
    /// ch.send('a');
    /// assert_eq!((ch.len(), ch.cap()), (1, 3));
    /// ```
    #[track_caller]
    pub fn new(cap: usize) -> Self {
        let raw = RawChan::new::<T>(cap, Both::HANDLE);
        // SAFETY: just made, with that handle.
        unsafe { Self::from_raw(raw) }
    }
}

impl<T, D: Direction> Chan<T, D> {
    /// The nil channel of any direction: sends and receives block for ever, in `select!` it is never
    /// ready, `close` panics. Go: the zero value of a channel type.
    ///
    /// ```
    /// use goroutines::chan::{Receiver, TryRecvError};
    /// static NOTHING: Receiver<u8> = Receiver::nil();
    /// assert!(NOTHING.is_nil());
    /// assert_eq!(NOTHING.try_recv(), Err(TryRecvError::Empty));
    /// ```
    pub const fn nil() -> Self {
        Chan {
            raw: None,
            _type: PhantomData,
        }
    }

    /// # Safety
    /// It is a channel of elements of type `T`, and a handle of this direction has been counted for this one.
    pub(super) unsafe fn from_raw(raw: NonNull<RawChan>) -> Self {
        Chan {
            raw: Some(raw),
            _type: PhantomData,
        }
    }

    /// The channel, as one of elements of type `T`; `None` for nil.
    #[inline(always)]
    pub(super) fn typed(&self) -> Option<Typed<'_, T>> {
        // SAFETY: this handle is counted, so the channel lives as long as it; its elements are of that type.
        self.raw.map(|raw| unsafe { Typed::new(raw.as_ref()) })
    }

    /// The channel; `None` for nil.
    #[inline(always)]
    pub(super) fn raw(&self) -> Option<&RawChan> {
        self.typed().map(Typed::raw)
    }

    /// The channel, as it was allocated.
    pub(super) fn ptr(&self) -> Option<NonNull<RawChan>> {
        self.raw
    }

    /// One more handle to the same channel, of direction `E`, whose ends `D` has too.
    fn another<E: Direction>(&self) -> Chan<T, E> {
        const { assert!(D::HANDLE & E::HANDLE == E::HANDLE) }
        if let Some(raw) = self.raw() {
            raw.handles.add(E::HANDLE);
        }
        Chan {
            raw: self.raw,
            _type: PhantomData,
        }
    }

    /// This handle, giving up the end that `E` lacks.
    pub(super) fn into_end<E: Direction>(self) -> Chan<T, E> {
        self.another() // and `self` is dropped
    }

    /// A handle that can only send. Go: the implicit conversion to `chan<- T`.
    ///
    /// ```
    /// # use goroutines::chan::Chan;
    /// let ch = Chan::new(1);
    /// ch.sender().send(5);
    /// assert_eq!(ch.recv(), Some(5));
    /// ```
    pub fn sender(&self) -> Sender<T>
    where
        D: CanSend,
    {
        self.another()
    }

    /// A handle that can only receive. Go: the implicit conversion to `<-chan T`.
    ///
    /// ```
    /// # use goroutines::chan::Chan;
    /// let ch = Chan::new(1);
    /// ch.send(5);
    /// assert_eq!(ch.receiver().recv(), Some(5));
    /// ```
    pub fn receiver(&self) -> Receiver<T>
    where
        D: CanRecv,
    {
        self.another()
    }

    /// Are the two handles, of any directions, handles to the same channel? Two nil handles are.
    ///
    /// ```
    /// # use goroutines::chan::Chan;
    /// let ch = Chan::<i32>::new(0);
    /// assert!(ch.is_same(&ch.sender()));
    /// assert!(!ch.is_same(&Chan::<i32>::new(0)));
    /// ```
    pub fn is_same<E: Direction>(&self, other: &Chan<T, E>) -> bool {
        self.raw == other.raw
    }

    /// Is this the nil channel?
    ///
    /// ```
    /// # use goroutines::chan::Chan;
    /// assert!(Chan::<i32>::default().is_nil());
    /// ```
    pub fn is_nil(&self) -> bool {
        self.raw.is_none()
    }

    /// How many values the buffer holds now; 0 for an unbuffered or nil channel, and for one without
    /// receivers, whose values have been dropped. Go: `len(c)`.
    ///
    /// ```
    /// # use goroutines::chan::Chan;
    /// let ch = Chan::new(2);
    /// ch.send(1);
    /// assert_eq!(ch.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        give_way_if_asked();
        self.raw().map_or(0, RawChan::len)
    }

    /// How many values the buffer can hold; 0 for an unbuffered or nil channel. Go: `cap(c)`.
    ///
    /// ```
    /// # use goroutines::chan::Chan;
    /// assert_eq!(Chan::<u8>::new(7).cap(), 7);
    /// ```
    pub fn cap(&self) -> usize {
        self.raw().map_or(0, RawChan::cap)
    }

    /// Is the buffer empty? Always true for an unbuffered or nil channel.
    ///
    /// ```
    /// # use goroutines::chan::Chan;
    /// assert!(Chan::<u8>::new(7).is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Is the buffer full? Always true for an unbuffered or nil channel.
    ///
    /// ```
    /// # use goroutines::chan::Chan;
    /// assert!(Chan::<u8>::new(0).is_full());
    /// ```
    pub fn is_full(&self) -> bool {
        self.len() == self.cap()
    }

    /// Is the channel closed, or no sender left? Values may still be in its buffer. False for nil.
    ///
    /// ```
    /// let (tx, rx) = goroutines::chan::channel::<u8>(1);
    /// assert!(!rx.is_closed());
    /// drop(tx);
    /// assert!(rx.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.raw().is_some_and(RawChan::is_closed)
    }

    /// Gives the handle back. If it was the last one that could send, the channel stays open:
    /// receivers wait for ever.
    pub(crate) fn leave_open(mut self) {
        self.give_back(false);
    }

    /// Gives the handle back, and is nil then. If it was the last one that could send, the channel closes if
    /// `close` says so.
    #[inline(always)]
    fn give_back(&mut self, close: bool) {
        let Some(chan) = self.raw() else { return };
        let ended = chan.handles.release(D::HANDLE);
        // As it was allocated, since the memory may be freed by this pointer.
        if let Some(raw) = self.raw.take()
            && ended != Released::Nothing
        {
            // SAFETY: this handle's count ended that side just now, and it is not used again.
            unsafe { end_of_side::<T>(raw, ended, close) }
        }
    }

    /// How many handles can receive, this one included if it can.
    pub(crate) fn receivers(&self) -> u64 {
        self.raw().map_or(0, |raw| raw.handles.receivers())
    }
}

impl<T, D: Direction> Clone for Chan<T, D> {
    /// Another handle to the same channel.
    #[inline]
    fn clone(&self) -> Self {
        self.another()
    }
}

impl<T, D: Direction> Drop for Chan<T, D> {
    #[inline]
    fn drop(&mut self) {
        self.give_back(true);
    }
}

/// What follows when a handle was the last of its side. (The table is in `handles.rs`.)
///
/// # Safety
/// Called once per ended side, by the one that ended it; `raw` has elements of type `T`.
#[inline(never)]
unsafe fn end_of_side<T>(raw: NonNull<RawChan>, ended: Released, close: bool) {
    // SAFETY: forwarded; where both sides end at once, nobody else knows the channel. (A timer's is not freed by that.)
    unsafe {
        if ended == Released::All && raw.as_ref().timer().is_none() {
            return RawChan::free::<T>(raw);
        }
        end_of_one_side::<T>(raw, ended, close);
    }
}

/// [`end_of_side`] where others may know the channel.
///
/// # Safety
/// As there.
#[cold]
#[inline(never)]
unsafe fn end_of_one_side<T>(raw: NonNull<RawChan>, ended: Released, close: bool) {
    /// From here on our side does not touch the channel any more, also if a value's drop panics.
    struct Leaving<T>(NonNull<RawChan>, PhantomData<T>);
    impl<T> Drop for Leaving<T> {
        fn drop(&mut self) {
            // SAFETY: freed only after both sides have left, and ours leaves here. Then both have said
            // that they will not touch it any more.
            unsafe {
                if self.0.as_ref().handles.leave() {
                    RawChan::free::<T>(self.0);
                }
            }
        }
    }
    // SAFETY: our side ended just now, and leaves below: the channel is freed only after both sides left. A timer's has no
    // senders, so the reference that its receivers had is ours; and if both sides ended, nobody else knows the channel.
    unsafe {
        let chan = raw.as_ref();
        if let Some(timer) = chan.timer() {
            return timer.release();
        }
        match ended {
            Released::Nothing => {}
            Released::Senders => {
                let _leaving = Leaving::<T>(raw, PhantomData);
                if close && chan.handles.has_receivers() {
                    chan.close();
                }
            }
            Released::Receivers => {
                let _leaving = Leaving::<T>(raw, PhantomData);
                if chan.handles.has_senders() {
                    chan.abandon::<T>();
                }
            }
            Released::All => RawChan::free::<T>(raw),
        }
    }
}

impl<T> From<Chan<T>> for Sender<T> {
    fn from(ch: Chan<T>) -> Self {
        ch.into_end()
    }
}

impl<T> From<Chan<T>> for Receiver<T> {
    fn from(ch: Chan<T>) -> Self {
        ch.into_end()
    }
}

impl<T, D: Direction> Default for Chan<T, D> {
    /// The nil channel, as in Go.
    fn default() -> Self {
        Self::nil()
    }
}

impl<T, D: Direction> PartialEq for Chan<T, D> {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other)
    }
}
impl<T, D: Direction> Eq for Chan<T, D> {}

impl<T, D: Direction> Hash for Chan<T, D> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw
            .map_or(ptr::null_mut(), NonNull::as_ptr)
            .hash(state);
    }
}

impl<T, D: Direction> fmt::Debug for Chan<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(raw) = self.raw else {
            return write!(f, "{}(nil)", D::NAME);
        };
        f.debug_struct(D::NAME)
            .field("at", &raw)
            .field("len", &self.len())
            .field("cap", &self.cap())
            .field("closed", &self.is_closed())
            .finish()
    }
}
