//! A table of places to sleep at, found by the word's address.
//!
//! The system's own calls would be `os_sync_wait_on_address`, from macOS 14.4 on, or `__ulock_wait`, which is not
//! public and keeps programs out of its store. This works everywhere, for some 100 ns more.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, PoisonError, TryLockError};
use std::time::Duration;

struct Place {
    lock: Mutex<()>,
    woken: Condvar,
}

static PLACES: [Place; 64] = [const {
    Place {
        lock: Mutex::new(()),
        woken: Condvar::new(),
    }
}; 64];

fn place(word: *const AtomicU32) -> &'static Place {
    // Fibonacci hashing: the upper bits depend on all of the address.
    &PLACES[(word.addr().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) % PLACES.len()]
}

/// See [`futex`](crate::sys::futex).
pub(in crate::sys) fn wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) {
    let place = place(word);
    let lock = place.lock.lock().unwrap_or_else(PoisonError::into_inner);
    // The waker has changed the word before, and then takes the lock: so either we see the change, or we sleep
    // before it wakes. Acquire: pairs with that change.
    if word.load(Ordering::Acquire) != expected {
        return;
    }
    match timeout {
        None => drop(place.woken.wait(lock)),
        Some(timeout) => drop(place.woken.wait_timeout(lock, timeout)),
    }
}

/// See [`futex`](crate::sys::futex).
pub(in crate::sys) fn wake(word: *const AtomicU32) {
    let place = place(word);
    drop(place.lock.lock().unwrap_or_else(PoisonError::into_inner));
    // All: words that have nothing to do with each other may share a place.
    place.woken.notify_all();
}

/// See [`futex`](crate::sys::futex). The thread that was interrupted may hold the lock itself. So no thread waits for
/// that without end: if it is this thread that holds it, the sleeper at the place has either looked and sleeps, and is
/// woken, or has not looked yet, and sees the change. (The first sleeper there made the lock and the condition
/// variable; nothing is allocated here.)
pub(in crate::sys) fn wake_in_handler(word: *const AtomicU32) {
    const TRIES: usize = 1_000;
    let place = place(word);
    for _ in 0..TRIES {
        if !matches!(place.lock.try_lock(), Err(TryLockError::WouldBlock)) {
            break;
        }
        std::thread::yield_now();
    }
    place.woken.notify_all();
}
