//! How many of the runtime's own locks the calling thread holds (Go's `m.locks`).
//!
//! A thread that holds one must not be paused by a signal: whoever pauses threads, or runs the ones
//! that are woken, needs those locks too. The count is one thread-local word, changed by one
//! instruction each way, so that the fast paths of channels and timers can afford it; the signal
//! handler reads it on its own thread.

use std::marker::PhantomData;

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod word {
    use std::arch::{asm, global_asm};

    global_asm!(
        ".pushsection .tbss.goroutines_held,\"awT\",@nobits",
        ".hidden goroutines_locks_held_v0",
        ".globl goroutines_locks_held_v0",
        ".type goroutines_locks_held_v0, @object",
        ".size goroutines_locks_held_v0, 8",
        ".p2align 3",
        "goroutines_locks_held_v0: .zero 8",
        ".popsection",
    );

    /// Adds `n`. Not atomic, and it need not be: a signal handler that runs in between only reads,
    /// and has put back whatever it changed by the time the thread goes on.
    #[inline(always)]
    pub(super) fn add<const N: i64>() {
        // SAFETY: changes the eight bytes defined above, of this thread. Not `nomem`: what the lock
        // guards must not be moved over it.
        unsafe {
            #[cfg(target_arch = "x86_64")]
            asm!(
                "mov {t}, qword ptr [rip + goroutines_locks_held_v0@GOTTPOFF]",
                "add qword ptr fs:[{t}], {n}",
                t = out(reg) _,
                n = const N,
                options(nostack),
            );
            #[cfg(target_arch = "aarch64")]
            asm!(
                "mrs {a}, tpidr_el0",
                "adrp {b}, :gottprel:goroutines_locks_held_v0",
                "ldr {b}, [{b}, :gottprel_lo12:goroutines_locks_held_v0]",
                "add {a}, {a}, {b}",
                "ldr {b}, [{a}]",
                "add {b}, {b}, {n}",
                "str {b}, [{a}]",
                a = out(reg) _,
                b = out(reg) _,
                n = in(reg) N,
                options(nostack, preserves_flags),
            );
        }
    }

    #[inline(always)]
    pub(super) fn get() -> i64 {
        let n: i64;
        // SAFETY: reads the eight bytes defined above, of this thread.
        unsafe {
            #[cfg(target_arch = "x86_64")]
            asm!(
                "mov {n}, qword ptr [rip + goroutines_locks_held_v0@GOTTPOFF]",
                "mov {n}, qword ptr fs:[{n}]",
                n = out(reg) n,
                options(nostack, preserves_flags, readonly),
            );
            #[cfg(target_arch = "aarch64")]
            asm!(
                "mrs {n}, tpidr_el0",
                "adrp {b}, :gottprel:goroutines_locks_held_v0",
                "ldr {b}, [{b}, :gottprel_lo12:goroutines_locks_held_v0]",
                "ldr {n}, [{n}, {b}]",
                n = out(reg) n,
                b = out(reg) _,
                options(nostack, preserves_flags, readonly),
            );
        }
        n
    }
}

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
mod word {
    use std::cell::Cell;

    thread_local! { static HELD: Cell<i64> = const { Cell::new(0) }; }

    #[inline(never)]
    pub(super) fn add<const N: i64>() {
        HELD.with(|h| h.set(std::hint::black_box(h.get() + N)));
    }

    #[inline(never)]
    pub(super) fn get() -> i64 {
        std::hint::black_box(HELD.with(Cell::get))
    }
}

/// The thread is about to take a lock. It must be given back on this thread.
#[inline(always)]
pub(crate) fn enter() {
    word::add::<1>();
}

/// The thread has given a lock back.
#[inline(always)]
pub(crate) fn leave() {
    word::add::<-1>();
}

/// Does the calling thread hold any? Async-signal-safe.
#[inline(always)]
pub(crate) fn any() -> bool {
    word::get() != 0
}

/// Counts as a lock held for as long as it lives: for what must not be paused, and takes no
/// [`SpinLock`](super::spin::SpinLock).
pub(crate) struct Held(PhantomData<*mut ()>);

impl Held {
    /// Counted from now on.
    #[inline(always)]
    pub(crate) fn new() -> Held {
        enter();
        Held(PhantomData)
    }
}

impl Drop for Held {
    #[inline(always)]
    fn drop(&mut self) {
        leave();
    }
}

#[cfg(test)]
mod tests {
    use super::{any, enter, leave};

    #[test]
    fn counts_for_its_thread_alone() {
        assert!(!any());
        enter();
        enter();
        assert!(any());
        std::thread::spawn(|| assert!(!any())).join().unwrap();
        leave();
        assert!(any());
        leave();
        assert!(!any());
    }
}
