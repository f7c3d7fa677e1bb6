//! How many Ps there are: `GOMAXPROCS`, also while the program runs.
//!
//! Unless the environment or the program has set it, the number follows the processors that the process may
//! use: sysmon looks again once a second (Go's `updatemaxprocs`).
//!
//! Nothing is stopped for it. A surplus P retires when its M next comes through the scheduler: its
//! goroutines go to the global queue, its timers to P 0.

use super::idle::{changing, empty, look_again};
use crate::sched::state::p::{FreeP, P};
use crate::sched::state::sched::{MAX_PROCS, SCHED};
use crate::sched::state::{cgroup, godebug};
use crate::sys::mutex::Guard;
use crate::sys::thread;
use std::sync::atomic::{AtomicBool, Ordering};

/// The number is the environment's or the program's. Written with no change under way or under
/// [`changing`]'s lock, where a change to the default looks at it.
static CUSTOM: AtomicBool = AtomicBool::new(false);

/// Makes the first Ps, `n` of them if the environment says so; at boot.
pub(crate) fn init(n: Option<usize>) {
    CUSTOM.store(n.is_some(), Ordering::Relaxed);
    // Asked in any case: later on a signal's handler wants to know it, and must not be the first.
    let cpus = thread::num_cpu();
    let n = n.unwrap_or_else(|| cgroup::default_procs(cpus));
    set(n.min(MAX_PROCS), changing());
}

/// Does sysmon look for changes of the default?
pub(crate) fn follows_default() -> bool {
    !CUSTOM.load(Ordering::Relaxed) && godebug::number("updatemaxprocs") != Some(0)
}

/// Looks at the processors and the quota again; sysmon's part, once a second.
pub(crate) fn update() {
    let n = cgroup::default_procs(thread::num_cpu_now()).min(MAX_PROCS);
    let changing = changing();
    if CUSTOM.load(Ordering::Relaxed) || n == SCHED.procs() {
        return;
    }
    set(n, changing);
    look_again();
}

/// Uses the default from now on, whatever was set.
pub(crate) fn set_default() {
    let still = changing();
    CUSTOM.store(false, Ordering::Relaxed);
    drop(still);
    update();
}

/// Changes the number of Ps and returns the old one; 0 only reads.
pub(crate) fn gomaxprocs(n: usize) -> usize {
    let old = SCHED.procs();
    if n == 0 {
        return old;
    }
    let changing = changing();
    CUSTOM.store(true, Ordering::Relaxed);
    let old = SCHED.procs();
    if n == old {
        return old;
    }
    set(n.min(MAX_PROCS), changing);
    look_again();
    old
}

fn set(n: usize, mut changing: Guard<'_, Vec<FreeP>>) {
    let old = SCHED.set_procs(n);
    // Reserved here, since sysmon, which may put a P away, must not allocate.
    changing.reserve(old);
    for i in 0..n {
        if i >= SCHED.made_ps() {
            let p = P::make(i as u32);
            SCHED.add_p(p.p());
            SCHED.lock().put_idle_p(p);
            continue;
        }
        SCHED.p(i).stay();
        if let Some(p) = FreeP::take_back(&mut changing, i as u32) {
            SCHED.lock().put_idle_p(p);
        }
    }
    for i in n..old {
        let p = SCHED.p(i);
        p.retire();
        let idle = SCHED.lock().take_this_idle_p(p);
        if let Some(p) = idle {
            empty(p, &mut changing);
        } else if let Some(m) = p.owner() {
            // Its goroutine is asked to give way soon.
            m.ask();
        }
    }
}
