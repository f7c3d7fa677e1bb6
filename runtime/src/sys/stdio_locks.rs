//! Which thread holds the locks of std's standard output and standard error.
//!
//! std does not tell. But each lock is a static variable with its owner's number in it; where in it that lies shows
//! when the lock is taken.

use std::io::{stderr, stdout};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::ThreadId;

/// How many words of each lock we look at: what std must have there at least. An owner, a mutex and a count are two
/// and a half; behind them standard output has a buffer, and standard error a cell.
const WORDS: [usize; 2] = [6, 3];
const MOST: usize = 6;

/// The addresses of the words that hold the owners' numbers, and of the locks themselves; 0 = not known.
static OWNERS: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];
static LOCKS: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];

/// What `Stdout` and `Stderr` are: the address of their lock.
fn address<T>(handle: &T) -> usize {
    const { assert!(size_of::<T>() == size_of::<usize>()) };
    // SAFETY: of that size, and a reference, as any handle of the whole process's must be.
    unsafe { std::mem::transmute_copy(handle) }
}

/// The calling thread's number.
fn me() -> usize {
    const { assert!(size_of::<ThreadId>() == size_of::<usize>()) };
    // SAFETY: of that size, and a number that is not zero.
    unsafe { std::mem::transmute_copy(&std::thread::current().id()) }
}

/// The first `n` words of a lock, and zeros.
fn words(lock: usize, n: usize) -> [usize; MOST] {
    let word = |i| {
        // SAFETY: in a static variable of at least that many words. Volatile, since others may change it; what is read
        // is compared, and no more.
        unsafe { (lock as *const usize).add(i).read_volatile() }
    };
    std::array::from_fn(|i| if i < n { word(i) } else { 0 })
}

/// Finds out where owners are. Takes each lock for a moment; if another thread has one, it waits for it.
pub(crate) fn learn() {
    let (out, err) = (stdout(), stderr());
    let locks = [address(&out), address(&err)];
    let held = {
        let _both = (out.lock(), err.lock());
        [0, 1].map(|i| words(locks[i], WORDS[i]))
    };
    let me = me();
    for (i, lock) in locks.into_iter().enumerate() {
        let free = words(lock, WORDS[i]);
        let mut owners = (0..MOST).filter(|&w| held[i][w] == me && free[w] != me);
        if let (Some(owner), None) = (owners.next(), owners.next()) {
            // Relaxed: numbers, of what is static.
            LOCKS[i].store(lock, Ordering::Relaxed);
            OWNERS[i].store(lock + owner * size_of::<usize>(), Ordering::Relaxed);
        }
    }
}

/// The addresses of the locks that the calling thread holds; 0 for others.
pub(crate) fn held() -> [usize; 2] {
    let me = me();
    std::array::from_fn(|i| {
        let owner = OWNERS[i].load(Ordering::Relaxed) as *const usize;
        // SAFETY: in a static variable. Only the thread itself writes its own number there, and takes it away.
        let ours = !owner.is_null() && unsafe { owner.read_volatile() } == me;
        if ours {
            LOCKS[i].load(Ordering::Relaxed)
        } else {
            0
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{held, learn};
    use std::io::{stderr, stdout};

    #[test]
    fn what_this_thread_holds() {
        learn();
        assert_eq!(held(), [0, 0]);
        let (out, err) = (stdout().lock(), stderr().lock());
        let elsewhere = std::thread::spawn(held).join().unwrap();
        let both = held();
        drop(out);
        let one = held();
        drop(err);
        assert!(both[0] != 0 && both[1] != 0);
        assert_eq!(one, [0, both[1]]);
        assert_eq!(elsewhere, [0, 0]);
    }
}
