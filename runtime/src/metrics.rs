//! `runtime::metrics`: Go's `/sched/*` figures.

use crate::g::{Status, glimpse::Glimpse};
use crate::sched::{SCHED, abandon, contend, hog};
use crate::stack::guard;
use std::time::Duration;

/// What the scheduler is doing, at one moment. Each field names Go's metric.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metrics {
    /// `/sched/gomaxprocs:threads`.
    pub gomaxprocs: usize,
    /// `/sched/goroutines:goroutines`.
    pub goroutines: u64,
    /// `/sched/goroutines/runnable:goroutines`.
    pub runnable: u64,
    /// `/sched/goroutines/running:goroutines`.
    pub running: u64,
    /// `/sched/goroutines/waiting:goroutines`.
    pub waiting: u64,
    /// `/sched/goroutines/not-in-go:goroutines`: in a bracketed blocking call.
    pub not_in_go: u64,
    /// `/sched/goroutines-created:goroutines`.
    pub goroutines_created: u64,
    /// `/sched/threads/total:threads`: ours, sysmon included.
    pub threads: usize,
    /// Goroutines that have used up a time slice without leaving their thread, which they keep: they have
    /// a turn, or wait for the next. Go has none.
    pub hogs: usize,
    /// `/sync/mutex/wait/total:seconds`: for how long goroutines have waited in all for a `Mutex` or `RWMutex`
    /// of [`sync`](crate::sync), those that wait now not counted.
    pub mutex_wait: Duration,
    /// Goroutines that ended because all receivers of their channel had gone. Go has none.
    pub abandoned: u64,
    /// How many of the mappings that a process may have (`vm.max_map_count` on Linux, 65,530 by default) each
    /// further stack takes: none from Linux 6.13 on, else two, for its guard. Go has none.
    pub mappings_per_stack: usize,
}

/// Reads the figures. Goroutines come and go meanwhile: the states need not add up.
///
/// # Examples
/// ```
/// let m = goroutines::runtime::metrics();
/// assert!(m.threads <= 10_000);
/// ```
#[must_use]
pub fn metrics() -> Metrics {
    let mut m = Metrics {
        gomaxprocs: SCHED.procs(),
        goroutines: SCHED.goroutines(),
        goroutines_created: SCHED.made(),
        threads: (SCHED.threads() + 1) as usize,
        hogs: hog::all().max(0) as usize,
        mutex_wait: contend::lock_wait(),
        abandoned: abandon::count(),
        mappings_per_stack: guard::mappings(),
        ..Metrics::default()
    };
    Glimpse::each(|g| match g.status {
        _ if g.is_system() => {}
        Status::Runnable => m.runnable += 1,
        Status::Running => m.running += 1,
        Status::Waiting => m.waiting += 1,
        Status::Syscall => m.not_in_go += 1,
        Status::Idle | Status::Dead => {}
    });
    m
}
