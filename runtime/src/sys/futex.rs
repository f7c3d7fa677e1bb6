//! Sleeping on a word until another thread wakes it.
//!
//! Linux and FreeBSD have a system call for it. macOS has public calls from 14.4 on only: there a table of
//! mutexes and condition variables does.

use super::os;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// Sleeps while `word` holds `expected`, until woken, until `timeout` has passed, or spuriously.
pub(crate) fn wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) {
    os::futex::wait(word, expected, timeout);
}

/// Wakes one thread that sleeps on `word`. Only the address is used: it is fine if the word's owner has
/// already moved on.
pub(crate) fn wake(word: *const AtomicU32) {
    os::futex::wake(word);
}

/// The same from a signal's handler; async-signal-safe.
pub(crate) fn wake_in_handler(word: *const AtomicU32) {
    os::futex::wake_in_handler(word);
}
