//! The bridge to `async`: a goroutine that waits for a future.
//!
//! The waker is a [`Ticket`] in a `RawWaker`'s data pointer: it names one wait of the goroutine,
//! needs no memory, and once that wait is over it does nothing, for ever. So any thread may clone a
//! waker, keep it and call it late.
//!
//! Every poll gets a fresh ticket; futures remember the waker of their last poll, as they must. A
//! future that blocks inside its `poll` (this crate's calls are allowed there) may open another
//! ticketed wait and so end ours; then the park below returns at once and the future is polled
//! again: there may be one wake-up too many, never one too few.

use crate::panic::before_block;
use crate::sched::{Ticket, WaitReason, ready_ticket, ticketed_wait};
use crate::switch::away;
use std::future::IntoFuture;
use std::pin::pin;
use std::ptr;
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

/// Waits for `future` and returns its output: the goroutine polls it, and is parked while it is
/// pending (Go has no counterpart: everything there is written in the blocking style).
///
/// This is how crates written with `async` are used from a goroutine, as long as they do not insist
/// on a runtime of their own. From a plain thread it blocks that thread.
///
/// # Panics
/// If the future does.
///
/// # Suspends
/// While the future is pending.
///
/// ```
/// use goroutines::block_on;
///
/// let n = block_on(async { 1 + std::future::ready(2).await });
/// assert_eq!(n, 3);
/// ```
pub fn block_on<F: IntoFuture>(future: F) -> F::Output {
    let mut future = pin!(future.into_future());
    loop {
        let wait = ticketed_wait();
        let waker = waker(wait.ticket());
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        before_block();
        let _away = away();
        wait.park(WaitReason::BlockOn);
    }
}

/// [`block_on`] for a caller that must not unwind while it waits, and has asked [`before_block`].
#[cfg(feature = "tokio")]
pub(crate) fn wait_for<F: Future>(mut future: std::pin::Pin<&mut F>) -> F::Output {
    loop {
        let wait = ticketed_wait();
        let waker = waker(wait.ticket());
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        let _away = away();
        wait.park(WaitReason::BlockOn);
    }
}

fn waker(ticket: Ticket) -> Waker {
    static VTABLE: RawWakerVTable = RawWakerVTable::new(
        |data| RawWaker::new(data, &VTABLE),
        wake,
        wake,
        |_| {}, // a number has nothing to drop
    );
    fn wake(data: *const ()) {
        ready_ticket(Ticket::from_bits(data.addr()));
    }
    let data = ptr::without_provenance(ticket.to_bits());
    // SAFETY: the data is a number; every function of the table may be called with it from any
    // thread at any time, as `ready_ticket` may.
    unsafe { Waker::new(data, &VTABLE) }
}
