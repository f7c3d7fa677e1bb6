//! What channels ask of the scheduler, in one place.
//!
//! Everything else in this folder imports atomics, the lock byte and the doors of the scheduler from
//! here, so that a model checker can compile the same files against its own.

pub(super) use crate::g::waiter::{Kind, Parked, Task};
use crate::g::{GRef, flag};
use crate::panic::may_block;
pub(super) use crate::panic::{before_block, guarded};
pub(super) use crate::sched::Clock;
use crate::sched::M;
pub(super) use crate::sched::abandon::end_sender;
pub(super) use crate::sched::back_edge as give_way_if_asked;
pub(super) use crate::sched::boot::ensure as boot;
use crate::sched::family;
pub(super) use crate::sched::family::{
    current_id as current_bubble, exist as bubbles_exist, point,
};
pub(super) use crate::sched::throw;
pub(super) use crate::sched::{Looks, TimerNode, disarm, instant_at};
pub(super) use crate::sched::{WaitReason, Waiter, park, park_owned, park_releasing, ready};
use crate::sched::{current_g, me};
pub(super) use crate::sched::{go_in_scheduler as go, spawn_system};
pub(super) use crate::switch::away;
pub(super) use crate::sys::held::Held;
pub(super) use crate::sys::spin::{SpinLock, SpinMutex};
use crate::tokio_hint;
use std::cell::Cell;
use std::ptr::NonNull;
pub(super) use std::sync::atomic::{
    AtomicBool, AtomicI64, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};

/// How many waiters of a closed channel are taken out of the queue under one lock.
pub(super) const AT_ONCE: usize = 32;

/// The running goroutine as a waiter, asked under a spinlock. `None` for one that must not block, and
/// for plain threads, which may have to boot the runtime first (`Waiter::current`): both are to be
/// asked with nothing locked.
#[inline]
pub(super) fn quick_waiter() -> Option<Waiter> {
    let g = me()?;
    // Hooks run with nothing locked, too.
    let simple = !g.has(flag::COLD | flag::HOOKED) || !g.has(flag::HOOKED) && may_block(g);
    simple.then(|| Waiter::of_g(*g))
}

/// The caller is about to wait, with nothing locked.
pub(super) fn about_to_wait() {
    if current_g().is_none() {
        tokio_hint::about_to_block();
    }
}

/// Must the running goroutine not block? Then `before_block` does not return.
pub(super) fn must_not_block() -> bool {
    me().is_some_and(|g| !may_block(g))
}

/// 32 random bits: the M's, or a plain thread's own.
#[inline]
pub(super) fn random() -> u32 {
    if let Some(number) = family::random() {
        return number;
    }
    M::current().map_or_else(random_of_thread, M::random)
}

#[cold]
#[inline(never)]
fn random_of_thread() -> u32 {
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

/// `waiter` is about to be woken: prefetches what that touches.
#[inline(always)]
pub(super) fn fetch(waiter: Waiter) {
    if let Kind::G(g) = waiter.kind() {
        g.prefetch();
    }
}

/// A list of waiters leads from `here` to `next`, and on: fetches what may come.
#[inline(always)]
pub(super) fn fetch_beyond<T>(here: NonNull<T>, next: NonNull<T>) {
    GRef::prefetch_beyond(here.addr().get(), next.addr().get());
}

/// Waits a little, for something that another thread is about to do.
pub(super) fn pause(round: u32) {
    if round < 100 {
        std::hint::spin_loop();
    } else {
        std::thread::yield_now();
    }
}
