//! Go's package `runtime/debug`: limits; and a live page about the program.

#[cfg(feature = "pprof")]
mod pprof;
#[cfg(feature = "http")]
mod serve;

#[cfg(feature = "http")]
pub use serve::{mux, serve};

use crate::sched::{SCHED, grow, hog};

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
    SCHED.set_max_threads(n) as usize
}

/// Sets how many goroutines that have used up a time slice (10 ms), but less than 100 ms of CPU time, may
/// be under way at once before goroutines that have not begun are kept back, and returns the old limit
/// (64). Go has none: its goroutines keep no thread.
///
/// A goroutine that does not give way is paused on its thread until its next turn, and keeps the
/// thread. With this limit many tasks of up to 100 ms share few threads: those that have begun finish
/// first. Goroutines that have begun and were waiting for something are never kept back, and loops that
/// have used more than 100 ms keep no goroutine back. One of those that are kept back begins all the same, as it may
/// be a short one: when it has ended or waits, within its first slice, the next does. With 0 no more than that one begins
/// while another that has used up a slice waits for its turn.
///
/// # Examples
/// ```
/// let old = goroutines::debug::set_max_hogs(2);
/// assert_eq!(goroutines::debug::set_max_hogs(old), 2);
/// ```
pub fn set_max_hogs(n: usize) -> usize {
    let n = i32::try_from(n).unwrap_or(i32::MAX);
    hog::set_limit(n) as usize
}
