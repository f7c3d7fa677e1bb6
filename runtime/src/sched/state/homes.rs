//! Which [homes](super::home) there are, and who lives where.

use super::m::M;
use super::sched::SCHED;
use crate::g::GRef;
use crate::sys::mutex::Mutex;
use std::ptr;
use std::sync::atomic::Ordering;

/// All homes.
static HOMES: Mutex<Vec<&'static M>> = Mutex::new(Vec::new());

/// Gives a new goroutine its home: of as many as may run at once, the one with the fewest.
#[cold]
pub(crate) fn settle(g: GRef) {
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
    drop(homes);
    let raw = ptr::from_ref(home).cast_mut().cast();
    g.cold().home.store(raw, Ordering::Relaxed);
    g.locked_m.store(raw, Ordering::Relaxed);
}

/// A goroutine that stays has ended.
pub(crate) fn leave(g: GRef) {
    // SAFETY: null, or stored by `settle`; Ms are never freed.
    if let Some(m) = unsafe { g.home().cast::<M>().as_ref() } {
        m.home.moves_out();
    }
}
