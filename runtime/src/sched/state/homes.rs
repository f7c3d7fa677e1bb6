//! Which [homes](super::home) there are, and which goroutine lives where.

use super::m::{M, first, name, named};
use super::sched::SCHED;
use crate::g::{GRef, flag};
use crate::sys::mutex::Mutex;

/// All homes except the main goroutine's.
static HOMES: Mutex<Vec<&'static M>> = Mutex::new(Vec::new());

/// Gives a new goroutine its home.
#[cold]
pub(crate) fn settle(g: GRef) {
    // Main's is the first thread, where it may ask to be bound, and it lives there alone (`FIRST` says why).
    let home = match first().filter(|_| g.has(flag::MAIN)) {
        Some(first) => {
            first.home.open_awake();
            first.home.moves_in();
            first
        }
        None => least_home(),
    };
    name(&g.cold().home, home);
    name(&g.locked_m, home);
}

/// Of as many homes as may run at once, the one where the fewest live; now one more.
fn least_home() -> &'static M {
    let procs = SCHED.procs().max(1);
    let mut homes = HOMES.lock();
    let living = |m: &&&M| m.home.living();
    let least = homes.iter().take(procs).min_by_key(living).copied();
    let home = match least {
        Some(m) if m.home.living() == 0 || homes.len() >= procs => m,
        _ => {
            // Its right to a thread is with its home from now on, which says so to the first who posts.
            let m = M::new().m();
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
    if g.has(flag::STAYS)
        && let Some(m) = named(&g.cold().home)
    {
        m.home.moves_out();
    }
}
