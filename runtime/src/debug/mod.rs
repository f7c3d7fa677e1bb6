//! Go's package `runtime/debug`: limits; and a live page about the program.

#[cfg(feature = "http")]
mod serve;

#[cfg(feature = "http")]
pub use serve::{mux, serve};

use crate::sched::global::SCHED;
use crate::sched::{grow, preempt};
use std::sync::atomic::Ordering;

/// Sets the most bytes that one goroutine's stack may grow to, and returns the old limit
/// (1,000,000,000). Beyond it the process dies: `fatal error: stack overflow`. Go's
/// `debug.SetMaxStack`.
///
/// # Examples
/// ```
/// let old = goroutines::debug::set_max_stack(64 << 20);
/// assert_eq!(goroutines::debug::set_max_stack(old), 64 << 20);
/// ```
pub fn set_max_stack(bytes: usize) -> usize {
    grow::set_max_stack(bytes)
}

/// Sets the most threads that the scheduler may make, and returns the old limit (10,000). Go's
/// `debug.SetMaxThreads`.
///
/// If a goroutine can run, and all threads are in [`blocking`](crate::runtime::blocking) calls, the program
/// ends with `fatal error: thread exhaustion`. A thread that blocks without saying so keeps its P then.
///
/// # Examples
/// ```
/// let old = goroutines::debug::set_max_threads(20_000);
/// assert_eq!(goroutines::debug::set_max_threads(old), 20_000);
/// ```
pub fn set_max_threads(n: usize) -> usize {
    let n = i32::try_from(n).unwrap_or(i32::MAX);
    SCHED.max_threads.swap(n, Ordering::Relaxed) as usize
}

/// Sets how many threads goroutines that do not give way when asked may keep to themselves, and
/// returns the old limit (4 times GOMAXPROCS, at most 64). Go has none: it stops such goroutines.
///
/// Such a goroutine runs on while another one gets its turn on another thread. Beyond the limit it
/// keeps its turn until it ends or has used a tenth of a second of CPU time (more, the more of them
/// there are). With 0 it always keeps its turn.
///
/// # Examples
/// ```
/// let old = goroutines::debug::set_max_hogs(2);
/// assert_eq!(goroutines::debug::set_max_hogs(old), 2);
/// ```
pub fn set_max_hogs(n: usize) -> usize {
    let old = preempt::hog_limit();
    let n = i32::try_from(n).unwrap_or(i32::MAX);
    preempt::MAX_HOGS.store(n, Ordering::Relaxed);
    old as usize
}
