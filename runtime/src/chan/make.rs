//! Where a channel lies: in an allocation of its own, followed by its ring; or at the beginning of a timer.

use super::handles::RECEIVER;
use super::hchan::{OPEN, RawChan, TIMER};
use super::rt::current_bubble;
use super::timed::TimerHead;
use std::alloc::{self, Layout};
use std::ptr::NonNull;
use std::time::Instant;

impl RawChan {
    pub(super) fn layout<T>(cap: usize) -> Option<(Layout, usize)> {
        /// No 64-bit system gives a process more.
        const MAX_BYTES: usize = 1 << 47;
        /// From here on the ring begins with a cache line: moving elements of a line or more is twice
        /// as fast. Below that, the allocation counts more: one with a larger alignment than usual
        /// takes four times as long.
        const BIG: usize = 512;
        let ring = Layout::array::<T>(cap).ok()?;
        let mut head = Layout::new::<RawChan>();
        if ring.size() >= BIG {
            head = head.align_to(64).ok()?.pad_to_align();
        }
        let (layout, at) = head.extend(ring).ok()?;
        (layout.size() <= MAX_BYTES).then_some((layout, at))
    }

    /// A new channel for `cap` elements of type `T` with the handles in `first`.
    ///
    /// Panics with Go's `makechan: size out of range`.
    #[track_caller]
    pub(super) fn new<T>(cap: usize, first: u64) -> NonNull<RawChan> {
        let Some((layout, ring_at)) = Self::layout::<T>(cap) else {
            panic!("makechan: size out of range");
        };
        // SAFETY: the layout holds at least a `RawChan`, so it is not empty.
        let Some(chan) = NonNull::new(unsafe { alloc::alloc(layout) }) else {
            alloc::handle_alloc_error(layout)
        };
        let raw = chan.cast::<RawChan>();
        // SAFETY: fresh memory of that layout; `ring_at` lies in it or one past its end.
        unsafe {
            let ring = chan.as_ptr().add(ring_at);
            let bubble = current_bubble();
            raw.write(Self::with(OPEN, bubble, size_of::<T>(), cap, ring, first));
        }
        raw
    }

    /// The channel of a timer, with one receiver.
    ///
    /// # Safety
    /// It lies in `timer`, as that was allocated.
    pub(super) const unsafe fn of_timer(timer: *mut TimerHead<RawChan>, bubble: u32) -> RawChan {
        let size = size_of::<Instant>();
        // SAFETY: no room, and the timer is there as long as what lies in it.
        unsafe { Self::with(TIMER, bubble, size, 0, timer.cast(), RECEIVER) }
    }
}
