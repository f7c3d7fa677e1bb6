//! [`explore`] and [`replay`]: the same program under many schedules.

use super::synctest::{Failed, in_bubble};
use crate::panic::text_of;
use crate::sched::family::Bubble;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

/// Runs `f` `iterations` times, each time under another schedule, and panics at the first that fails, with
/// the seed that [`replay`] repeats it by.
///
/// Each run is a bubble of [`synctest`](super::synctest), with its fake clock; and in it *one goroutine
/// runs at a time*. The next one is drawn whenever a goroutine blocks, ends or yields, and, one time in
/// four, before any operation that could block: send, receive, `select!`, locking, waiting for a group.
/// So are the arms of a `select!` and the order of timers that are due together. Real time, threads and
/// the other goroutines of the process have no say: the same seed gives the same run.
///
/// A run fails if `f` panics, or if goroutines are left that can never go on: a deadlock, here also one of
/// locks. A panic in another goroutine ends the process, as always; the seed is printed with it.
///
/// # What it does not cover
///
/// * Between two such points a goroutine is not interrupted: what is done wrong with atomics alone, or by
///   a data race in unsafe code, is not found (loom, shuttle and miri look for that). Call
///   [`gosched`](crate::runtime::gosched) where others should get in between.
/// * Memory is sequentially consistent.
/// * It is a random sample. Many runs without a failure are not a proof; a mistake that needs one
///   certain order of many steps is rarely found.
/// * What makes choices of its own makes the runs differ: a `HashMap`'s order, real time, random numbers,
///   threads, the network, channels and locks shared with others. Then a seed may not repeat the failure.
/// * A goroutine that waits in a loop for an atomic variable waits for ever, unless it yields.
///
/// # Panics
/// `seed 42 of testing::explore, run 7 of 1000: MESSAGE`; and as [`synctest::test`](super::synctest::test)
/// if called in a bubble.
///
/// # Suspends
/// Until all runs are over.
///
/// ```
/// use goroutines::prelude::*;
/// use goroutines::{recover, sync::Mutex, testing};
/// use std::sync::Arc;
///
/// // Reads, and writes later: an update may be lost.
/// fn count_to_two() -> u32 {
///     let n = Arc::new(Mutex::new(0));
///     let wg = WaitGroup::new();
///     for _ in 0..2 {
///         let n = n.clone();
///         wg.go(move || {
///             let old = *n.lock();
///             *n.lock() = old + 1;
///         });
///     }
///     wg.wait();
///     let n = *n.lock();
///     n
/// }
///
/// let found = recover(|| testing::explore(1000, || assert_eq!(count_to_two(), 2))).unwrap_err();
/// assert!(found.message().contains("testing::replay("), "{found}");
/// ```
#[track_caller]
pub fn explore<F>(iterations: usize, f: F)
where
    F: Fn() + Send + Sync + 'static,
{
    let f = Arc::new(f);
    let first = RandomState::new().hash_one(0);
    for run in 1..=iterations {
        let seed = first.wrapping_add(run as u64);
        let f = f.clone();
        if let Err(failed) = in_bubble(Bubble::new(Some(seed)), move || f()) {
            let what = match failed {
                Failed::Panic(payload) => {
                    let (Ok(text) | Err(text)) = text_of(payload.as_ref());
                    text
                }
                Failed::Deadlock(text) => text.to_owned(),
                Failed::Exit => "goroutine exited".to_owned(),
            };
            panic!(
                "seed {seed} of testing::explore, run {run} of {iterations}: {what}\n\
                 goroutines::testing::replay({seed}, ..) repeats it"
            );
        }
    }
}

/// Runs `f` once, under the schedule of `seed`, as [`explore`] did, and returns its result.
///
/// # Panics
/// As [`synctest::test`](super::synctest::test).
///
/// # Suspends
/// Until the run is over.
///
/// ```
/// use goroutines::prelude::*;
/// use goroutines::testing;
///
/// fn order() -> Vec<u32> {
///     let (tx, rx) = chan::channel(0);
///     for i in 0..5 {
///         go!([tx], tx.send(i));
///     }
///     drop(tx);
///     rx.iter().collect()
/// }
///
/// assert_eq!(testing::replay(1, order), testing::replay(1, order));
/// ```
#[track_caller]
pub fn replay<F, R>(seed: u64, f: F) -> R
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    in_bubble(Bubble::new(Some(seed)), f).unwrap_or_else(|failed| failed.resume())
}
