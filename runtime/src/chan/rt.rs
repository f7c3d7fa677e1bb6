//! What channels ask of the scheduler, in one place.
//!
//! Everything else in this folder imports atomics, the lock byte and the doors of the scheduler from
//! here, so that a model checker can compile the same files against its own.

pub(super) use crate::sched::park::{WaitReason, Waiter, park, park_unlock, ready};
pub(super) use crate::sys::spin::SpinLock;
use std::cell::Cell;
pub(super) use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// 32 random bits.
pub(super) fn random() -> u32 {
    use std::hash::{BuildHasher, RandomState};
    thread_local! {
        static STATE: Cell<u64> = const { Cell::new(0) };
    }
    STATE.with(|state| {
        let mut x = state.get();
        if x == 0 {
            x = RandomState::new().hash_one(0) | 1;
        }
        // xorshift64*
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        state.set(x);
        (x.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) as u32
    })
}
