//! What `sync` asks of the scheduler, in one place.
//!
//! Everything else in this folder imports atomics, the lock byte and the doors of the scheduler
//! from here, so that a model checker can compile the same files against its own.

pub(super) use crate::sched::park::{WaitReason, Waiter, park_unlock, ready};
pub(super) use crate::sys::spin::SpinLock;
pub(super) use std::sync::atomic::{AtomicU64, Ordering};
