//! What `sync` asks of the scheduler, in one place.
//!
//! Everything else in this folder imports atomics, the lock byte and the doors of the scheduler
//! from here, so that a model checker can compile the same files against its own.

pub(super) use crate::sched::park::{WaitReason, Waiter, park_unlock, ready};
pub(super) use crate::sys::spin::SpinLock;
pub(super) use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};

/// How often a contender for a lock looks again before it sleeps.
const SPIN_ROUNDS: u32 = 4;
/// How many pauses it makes between two looks.
const PAUSES: u32 = 30;

/// Whether a contender may spin once more, after `round` rounds: only if the holder can be running
/// on another processor.
pub(super) fn can_spin(round: u32) -> bool {
    round < SPIN_ROUNDS
}

/// One round of spinning.
pub(super) fn spin() {
    for _ in 0..PAUSES {
        std::hint::spin_loop();
    }
}

/// Nanoseconds on the monotonic clock.
pub(super) fn nanotime() -> i64 {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START
        .get_or_init(std::time::Instant::now)
        .elapsed()
        .as_nanos() as i64
}

/// Lets the goroutine that was just made ready run at once, in this one's time slice. Does nothing
/// on a plain thread.
pub(super) fn hand_off() {}

/// Ends the process with `fatal error: {message}` and exit code 2.
#[cold]
pub(super) fn throw(message: &str) -> ! {
    eprintln!("fatal error: {message}");
    std::process::exit(2)
}
