//! Which [homes](super::home) there are, and who lives where.

use super::m::{FIRST, M};
use super::sched::SCHED;
use crate::g::{GRef, flag};
use crate::sys::mutex::Mutex;
use std::ptr;
use std::sync::atomic::Ordering;

/// All homes, but for the main goroutine's.
static HOMES: Mutex<Vec<&'static M>> = Mutex::new(Vec::new());

/// Gives a new goroutine its home.
#[cold]
pub(crate) fn settle(g: GRef) {
    // Main's is the first thread, where it may ask to be bound, and it lives there alone (`FIRST` says why).
    let first = FIRST.load(Ordering::Acquire);
    let home = match first.filter(|_| g.has(flag::MAIN)) {
        Some(first) => {
            first.home.open_awake();
            first.home.moves_in();
            first
        }
        None => least_home(),
    };
    let raw = ptr::from_ref(home).cast_mut().cast();
    g.cold().home.store(raw, Ordering::Relaxed);
    g.locked_m.store(raw, Ordering::Relaxed);
}

/// Of as many homes as may run at once, the one where the fewest live; now one more.
fn least_home() -> &'static M {
    let procs = SCHED.procs.load(Ordering::Relaxed).max(1);
    let mut homes = HOMES.lock();
    let living = |m: &&&M| m.home.living();
    let least = homes.iter().take(procs).min_by_key(living).copied();
    let home = match least {
        Some(m) if m.home.living() == 0 || homes.len() >= procs => m,
        _ => {
            let m = M::new();
            m.home.open();
            homes.push(m);
            m
        }
    };
    home.home.moves_in();
    home
}

/// A goroutine that stays has ended.
pub(crate) fn leave(g: GRef) {
    // SAFETY: null, or stored by `settle`; Ms are never freed.
    if let Some(m) = unsafe { g.home().cast::<M>().as_ref() } {
        m.home.moves_out();
    }
}
