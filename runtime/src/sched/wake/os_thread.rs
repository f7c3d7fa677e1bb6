//! `lock_os_thread`: a goroutine and a thread that work only for each other.

use super::yield_now::gosched;
use crate::g::{GRef, Me, flag};
use crate::sched::state::m::{self, M, current_g, me};
use std::ptr;
use std::sync::atomic::Ordering;

/// Binds the goroutine to its thread; calls nest. Nothing on a plain thread.
pub(crate) fn lock() {
    let Some(m) = M::current() else { return };
    let Some(g) = me() else { return };
    let n = g.lock_count();
    g.cold().lock_count.store(n + 1, Ordering::Relaxed);
    match m::first() {
        Some(first) if n == 0 && g.has(flag::MAIN) && !ptr::eq(first, m) && may_move(g) => {
            bind(*g, first);
            // Whoever finds it in the queue hands it over.
            gosched();
        }
        _ => bind(*g, m),
    }
}

/// May the main goroutine, which runs here, leave this thread?
fn may_move(g: Me) -> bool {
    g.no_suspend() == 0 && !g.has(flag::SYSCALL) && !std::thread::panicking() && !g.is_ending()
}

/// `m` is the goroutine's, or the first thread's, which sleeps: it looks at its cell only when it is woken
/// with the goroutine's turn.
fn bind(g: GRef, m: &'static M) {
    m::name(&g.locked_m, m);
    m.lock_to(Some(g));
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
        g.lock_to_home();
        if let Some(m) = M::current() {
            m.lock_to(None);
        }
    }
}
