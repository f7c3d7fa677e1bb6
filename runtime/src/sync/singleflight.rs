//! Doing a thing once for all goroutines that ask at the same time (Go's `golang.org/x/sync/singleflight`).
//!
//! A call is in the map from its start to its end, unless it was forgotten; a caller that finds it
//! there registers with it, under the map's lock, and takes its result when it has one.

#![forbid(unsafe_code)]

use super::once_value::Repeat;
use super::rt;
use super::{Mutex, WaitGroup};
use crate::chan::{Receiver, Sender, channel};
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, OnceLock};
use std::{mem, ptr};

/// Lets one of several equal calls do the work and gives all the result (Go's `singleflight.Group`);
/// a clonable handle.
///
/// ```
/// use goroutines::sync::{SingleFlight, WaitGroup};
///
/// let flight = SingleFlight::<&str, String>::new();
/// let (page, shared) = flight.do_("/index", || "fetched".to_string());
/// assert_eq!((page.as_str(), shared), ("fetched", false));
/// ```
pub struct SingleFlight<K, V>(Arc<Mutex<HashMap<K, Arc<Call<V>>>>>);

struct Call<V> {
    finished: WaitGroup,
    /// And whether it is for more than one.
    result: OnceLock<(Outcome<V>, bool)>,
    sharers: Mutex<Sharers<V>>,
}

/// The other callers that want the result.
struct Sharers<V> {
    /// All but the first.
    others: usize,
    /// Of all, those that receive it.
    channels: Vec<Sender<(V, bool)>>,
}

enum Outcome<V> {
    Value(V),
    Panicked(Repeat),
    /// By `goexit`.
    Exited,
}

impl<K, V> SingleFlight<K, V> {
    /// A group with no calls in flight.
    ///
    /// ```
    /// let _ = goroutines::sync::SingleFlight::<u64, Vec<u8>>::new();
    /// ```
    pub fn new() -> Self {
        Self::default()
    }
}

impl<K, V> SingleFlight<K, V>
where
    K: Eq + Hash + Clone,
    V: Clone,
{
    /// Runs `f` and returns its value; if a call for `key` is in flight already, waits for that one
    /// and returns its value (Go's `Do`). `true` if the value was given to more than one caller.
    ///
    /// For work that can fail, let `V` be a `Result` with a clonable error.
    ///
    /// # Panics
    /// As `f` does, in every caller; in those that waited with the same text.
    ///
    /// # Suspends
    /// The goroutine, while another one runs its function.
    ///
    /// ```
    /// let flight = goroutines::sync::SingleFlight::<u64, Result<u64, String>>::new();
    /// assert_eq!(flight.do_(4, || Ok(2)), (Ok(2), false));
    /// ```
    #[track_caller]
    pub fn do_(&self, key: K, f: impl FnOnce() -> V) -> (V, bool) {
        let call = match self.join(&key, None) {
            Role::First(call) => {
                self.run(&key, &call, f);
                call
            }
            Role::Sharer(call) => {
                call.finished.wait();
                call
            }
        };
        let (outcome, shared) = call.result.get().expect("finished");
        match outcome {
            Outcome::Value(value) => (value.clone(), *shared),
            Outcome::Panicked(repeat) => repeat.panic(),
            Outcome::Exited => rt::goexit(),
        }
    }

    /// As [`do_`](Self::do_), but returns at once a channel that will hold the value, and whether it
    /// was given to more than one caller (Go's `DoChan`). `f` runs in a goroutine of its own, so
    /// a panic in it ends the process.
    ///
    /// ```
    /// let flight = goroutines::sync::SingleFlight::<u64, u64>::new();
    /// assert_eq!(flight.do_chan(4, || 2).recv(), Some((2, false)));
    /// ```
    pub fn do_chan(&self, key: K, f: impl FnOnce() -> V + Send + 'static) -> Receiver<(V, bool)>
    where
        K: Send + 'static,
        V: Send + Sync + 'static,
    {
        let (tx, rx) = channel(1);
        if let Role::First(call) = self.join(&key, Some(tx)) {
            let flight = self.clone();
            rt::go(move || flight.run(&key, &call, f));
        }
        rx
    }

    /// The next call for `key` does the work anew, even if one is in flight (Go's `Forget`).
    ///
    /// ```
    /// let flight = goroutines::sync::SingleFlight::<u64, u64>::new();
    /// flight.forget(&4); // nothing in flight: nothing happens
    /// ```
    pub fn forget(&self, key: &K) {
        let call = self.0.lock().remove_entry(key);
        drop(call);
    }

    /// Finds or makes the call for `key`, and registers with it.
    fn join(&self, key: &K, channel: Option<Sender<(V, bool)>>) -> Role<V> {
        // Cloned and dropped with nothing locked: that is the user's code.
        let own_key = key.clone();
        let mut calls = self.0.lock();
        if let Some(call) = calls.get(key) {
            let mut sharers = call.sharers.lock();
            sharers.others += 1;
            sharers.channels.extend(channel);
            return Role::Sharer(call.clone());
        }
        let call = Arc::new(Call {
            finished: WaitGroup::new(),
            result: OnceLock::new(),
            sharers: Mutex::new(Sharers {
                others: 0,
                channels: Vec::from_iter(channel),
            }),
        });
        call.finished.add(1);
        calls.insert(own_key, call.clone());
        Role::First(call)
    }

    /// Runs the function and tells all callers.
    fn run(&self, key: &K, call: &Call<V>, f: impl FnOnce() -> V) {
        let mut end = End {
            flight: self,
            key,
            call,
            outcome: Some(Outcome::Exited),
        };
        // `goexit` passes through here, and `end` is dropped on its way.
        match rt::recover_to_resume(f) {
            Ok(value) => end.outcome = Some(Outcome::Value(value)),
            Err(panic) => {
                end.outcome = Some(Outcome::Panicked(Repeat::of(&panic)));
                drop(end);
                panic.resume();
            }
        }
    }

    /// From now on no caller can join the call.
    fn close(&self, key: &K, call: &Call<V>) {
        let mut calls = self.0.lock();
        let removed = match calls.get(key) {
            Some(found) if ptr::eq(&**found, call) => calls.remove_entry(key),
            _ => None,
        };
        drop(calls);
        drop(removed);
    }
}

/// The end of a call, however its function ends: tells all callers when dropped.
struct End<'a, K: Eq + Hash + Clone, V: Clone> {
    flight: &'a SingleFlight<K, V>,
    key: &'a K,
    call: &'a Call<V>,
    outcome: Option<Outcome<V>>,
}

impl<K: Eq + Hash + Clone, V: Clone> Drop for End<'_, K, V> {
    fn drop(&mut self) {
        self.flight.close(self.key, self.call);
        let (shared, channels) = {
            let mut sharers = self.call.sharers.lock();
            (sharers.others > 0, mem::take(&mut sharers.channels))
        };
        let outcome = self.outcome.take().expect("ends once");
        let (outcome, _) = self.call.result.get_or_init(|| (outcome, shared));
        self.call.finished.done();
        match outcome {
            Outcome::Value(value) => {
                for channel in channels {
                    let _ = channel.try_send((value.clone(), shared));
                }
            }
            // Receivers would wait for ever: the process must die of it, whatever the caller
            // recovers.
            Outcome::Panicked(repeat) if !channels.is_empty() => {
                let repeat = repeat.clone();
                rt::go(move || repeat.panic());
                rt::block_forever()
            }
            _ => {}
        }
    }
}

enum Role<V> {
    First(Arc<Call<V>>),
    Sharer(Arc<Call<V>>),
}

impl<K, V> Clone for SingleFlight<K, V> {
    fn clone(&self) -> Self {
        SingleFlight(self.0.clone())
    }
}

impl<K, V> Default for SingleFlight<K, V> {
    fn default() -> Self {
        SingleFlight(Arc::new(Mutex::new(HashMap::new())))
    }
}

impl<K, V> fmt::Debug for SingleFlight<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SingleFlight").finish_non_exhaustive()
    }
}
