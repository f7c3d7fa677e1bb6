//! What `sync` asks of the scheduler, in one place.
//!
//! Everything else in this folder imports atomics, the lock byte and the doors of the scheduler
//! from here, so that a model checker can compile the same files against its own.

pub(super) use crate::chan::private::block_forever;
pub(super) use crate::panic::{Panic, before_block, goexit, recover_to_resume};
use crate::sched::Clock;
pub(super) use crate::sched::back_edge as give_way_if_asked;
pub(super) use crate::sched::contend::count_lock_wait;
pub(super) use crate::sched::contend::p_index;
use crate::sched::contend::worth_spinning;
pub(super) use crate::sched::family::{
    current_id as current_bubble, exist as bubbles_exist, point,
};
pub(super) use crate::sched::go;
pub(super) use crate::sched::goyield as hand_off;
pub(super) use crate::sched::throw;
pub(super) use crate::sched::{Parked, Parking, WaitReason};
use crate::sched::{boot, os_thread, procs};
pub(super) use crate::switch::{away, hooks_exist};
pub(super) use crate::sys::spin::{SpinGuard, SpinMutex};
pub(super) use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU32, AtomicU64, Ordering};

/// The caller's clock, in nanoseconds.
pub(super) fn nanotime() -> i64 {
    Clock::current().now()
}

/// Into how many parts to divide what is kept once a processor.
pub(super) fn processors() -> usize {
    boot::ensure();
    procs::gomaxprocs(0).max(crate::sys::thread::num_cpu())
}

/// How often a contender for a lock looks again before it sleeps.
const SPIN_ROUNDS: u32 = 4;
/// How many pauses it makes between two looks.
const PAUSES: u32 = 30;

/// Whether a contender may spin once more, after `round` rounds.
pub(super) fn can_spin(round: u32) -> bool {
    round < SPIN_ROUNDS && worth_spinning()
}

/// One round of spinning.
pub(super) fn spin() {
    for _ in 0..PAUSES {
        std::hint::spin_loop();
    }
}

/// How often a waiter that has hooks gives a lock back for them, before it waits with its thread.
pub(super) const TURNS_WITH_HOOKS: u32 = 4;

/// Runs `f` with the goroutine bound to its thread: no other goroutine runs there meanwhile, so nothing has to be
/// taken off it while `f` waits.
#[cold]
pub(super) fn with_thread(f: impl FnOnce()) {
    os_thread::lock();
    f();
    os_thread::unlock();
}
