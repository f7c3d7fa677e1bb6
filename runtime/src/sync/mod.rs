//! What Go's package `sync` gives, in Rust form: locks own what they guard, handles are clonable,
//! and every blocking call works from a goroutine and from a plain thread alike.
//!
//! Nothing here is poisoned by a panic, nothing allocates to lock or unlock, and a goroutine that
//! waits shows Go's words for it in a dump (`sync.Mutex.Lock`, `sync.WaitGroup.Wait`, ..).
//!
//! All of it stands on one private type, the queue of sleepers in `sema.rs`.

mod cond;
mod mutex;
mod once;
mod once_value;
mod raw_mutex;
mod raw_rwmutex;
mod rt;
mod rwmutex;
mod sema;
mod waitgroup;

pub use cond::Cond;
pub use mutex::{Mutex, MutexGuard};
pub use once::Once;
pub use once_value::{OnceValue, once_func, once_value};
pub use raw_mutex::RawMutex;
pub use raw_rwmutex::RawRWMutex;
pub use rwmutex::{RWMutex, RWMutexReadGuard, RWMutexWriteGuard};
pub use std::sync::atomic;
pub use waitgroup::WaitGroup;
