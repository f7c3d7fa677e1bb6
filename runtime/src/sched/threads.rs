//! `lock_os_thread`: a goroutine and a thread for each other alone.

use super::m::M;
use super::park::current_g;
use std::sync::atomic::Ordering;

/// Binds the goroutine to its thread; calls nest. Nothing on a plain thread.
pub(crate) fn lock() {
    let Some(m) = M::current() else { return };
    let Some(g) = m.curg() else { return };
    let n = g.lock_count();
    g.cold().lock_count.store(n + 1, Ordering::Relaxed);
    g.locked_m
        .store(std::ptr::from_ref(m).cast_mut().cast(), Ordering::Relaxed);
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
        g.locked_m.store(std::ptr::null_mut(), Ordering::Relaxed);
        if let Some(m) = M::current() {
            m.locked_g.set(None);
        }
    }
}
