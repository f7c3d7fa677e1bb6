//! What Go's package `sync` gives, in Rust form: locks own what they guard, handles are clonable,
//! and every blocking call works from a goroutine and from a plain thread alike.
//!
//! Nothing here is poisoned by a panic, nothing allocates to lock or unlock, and a goroutine that
//! waits shows Go's words for it in a dump (`sync.Mutex.Lock`, `sync.WaitGroup.Wait`, ..).
//!
//! | from Go's `sync` | from `golang.org/x/sync` |
//! | --- | --- |
//! | [`Mutex`], [`RWMutex`] (without data: [`RawMutex`], [`RawRWMutex`]) | [`ErrGroup`] |
//! | [`WaitGroup`], [`Once`], [`OnceValue`], [`once_func`], [`once_value`] | [`Semaphore`] |
//! | [`Cond`], [`Pool`], [`Map`], [`atomic`] | [`SingleFlight`] |
//!
//! The locks stand on one private type, the queue of sleepers in `sema.rs`; what they ask of the
//! scheduler is in `rt.rs`.

pub mod atomic;
mod cond;
mod errgroup;
mod list;
mod map;
mod mutex;
mod once;
mod once_value;
mod pool;
mod queue;
mod raw_mutex;
mod raw_rwmutex;
mod rt;
mod rwmutex;
mod sema;
mod semaphore;
mod singleflight;
mod waitgroup;

pub use cond::Cond;
pub use errgroup::ErrGroup;
pub use map::Map;
pub use mutex::{Mutex, MutexGuard};
pub use once::Once;
pub use once_value::{OnceValue, once_func, once_value};
pub use pool::Pool;
pub use raw_mutex::RawMutex;
pub use raw_rwmutex::RawRWMutex;
pub use rwmutex::{RWMutex, RWMutexReadGuard, RWMutexWriteGuard};
pub use semaphore::{Permit, Semaphore};
pub use singleflight::SingleFlight;
pub use waitgroup::WaitGroup;
