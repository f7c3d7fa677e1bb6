//! `lock_os_thread`: a goroutine and a thread for each other alone.

use super::m::M;
use super::park::{current_g, gosched};
use crate::g::GRef;
use crate::g::header::flag;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// The process's first thread, if it is ours. It runs the main goroutine alone, and that only while it is
/// bound: other goroutines run on threads that look to code which asks for its thread's stack as if
/// they had room without end (their own stacks lie below the arena, the first one's above it).
static FIRST: AtomicPtr<M> = AtomicPtr::new(ptr::null_mut());

/// `m` is the first thread's.
pub(crate) fn set_first(m: &'static M) {
    FIRST.store(ptr::from_ref(m).cast_mut(), Ordering::Release);
}

/// Is `m` the first thread's, which waits for the main goroutine to be bound to it?
pub(crate) fn is_first(m: &M) -> bool {
    ptr::eq(FIRST.load(Ordering::Relaxed), m)
}

/// Binds the goroutine to its thread; calls nest. Nothing on a plain thread.
pub(crate) fn lock() {
    let Some(m) = M::current() else { return };
    let Some(g) = m.curg() else { return };
    let n = g.lock_count();
    g.cold().lock_count.store(n + 1, Ordering::Relaxed);
    // SAFETY: null or an M; Ms are never freed.
    let first = unsafe { FIRST.load(Ordering::Acquire).as_ref() };
    match first {
        Some(first) if n == 0 && g.has(flag::MAIN) && !ptr::eq(first, m) && may_move(g) => {
            bind(g, first);
            // Whoever finds it in the queue hands it over.
            gosched();
        }
        _ => bind(g, m),
    }
}

/// May the main goroutine, which runs here, leave this thread?
fn may_move(g: GRef) -> bool {
    g.no_suspend() == 0 && !g.has(flag::SYSCALL) && !std::thread::panicking() && !g.is_ending()
}

/// `m` is the goroutine's, or the first thread's, which sleeps: it looks at its cell only when it is woken
/// with the goroutine's turn.
fn bind(g: GRef, m: &'static M) {
    g.locked_m
        .store(ptr::from_ref(m).cast_mut().cast(), Ordering::Relaxed);
    m.locked_g.set(Some(g));
}

/// Undoes one [`lock`].
pub(crate) fn unlock() {
    let Some(g) = current_g() else { return };
    let n = g.lock_count();
    if n == 0 {
        return;
    }
    g.cold().lock_count.store(n - 1, Ordering::Relaxed);
    if n == 1 {
        g.locked_m.store(ptr::null_mut(), Ordering::Relaxed);
        if let Some(m) = M::current() {
            m.locked_g.set(None);
        }
    }
}
