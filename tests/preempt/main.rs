//! Preemption of code that calls nothing of ours: it is paused on its thread and comes back by its turn.
//!
//! What is slow on a busy machine must not fail here: where time matters, it is CPU time, which others
//! cannot use up.

mod inside;
mod turns;

use goroutines::runtime;
use goroutines::sync::WaitGroup;
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Goroutines that compute and call nothing of ours, until they are told to stop.
struct Loops {
    turns: Arc<Vec<AtomicU64>>,
    stop: Arc<AtomicBool>,
    wg: WaitGroup,
}

impl Loops {
    /// Starts `n`, each of which does `work` again and again.
    fn start(n: usize, work: impl Fn(usize) + Send + Clone + 'static) -> Loops {
        let loops = Loops {
            turns: Arc::new((0..n).map(|_| AtomicU64::new(0)).collect()),
            stop: Arc::default(),
            wg: WaitGroup::new(),
        };
        for i in 0..n {
            let (turns, stop) = (loops.turns.clone(), loops.stop.clone());
            let work = work.clone();
            loops.wg.go(move || until(&turns[i], &stop, || work(i)));
        }
        loops
    }

    /// Loops that only count.
    fn plain(n: usize) -> Loops {
        Loops::start(n, |_| compute(1000))
    }

    fn turns(&self) -> Vec<u64> {
        let turns = self.turns.iter();
        turns.map(|t| t.load(Ordering::Relaxed)).collect()
    }

    /// Waits, parked, until every one of them has gone on.
    fn wait_for_a_round(&self) {
        let before = self.turns();
        while self
            .turns()
            .iter()
            .zip(&before)
            .any(|(now, was)| now == was)
        {
            goroutines::time::sleep(Duration::from_millis(1));
        }
    }

    fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.wg.wait();
    }
}

/// A plain function, so that the macros see no loop that they could mark.
fn until(turns: &AtomicU64, stop: &AtomicBool, work: impl Fn()) {
    while !stop.load(Ordering::Relaxed) {
        work();
        turns.fetch_add(1, Ordering::Relaxed);
    }
}

fn compute(n: u64) {
    (0..n).for_each(|i| {
        black_box(i);
    });
}

/// CPU time that the whole process has used.
fn cpu() -> Duration {
    let t = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(t.tv_sec as u64, t.tv_nsec as u32)
}

/// CPU time that this thread has used.
fn own_cpu() -> Duration {
    let t = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(t.tv_sec as u64, t.tv_nsec as u32)
}

fn procs() -> u32 {
    runtime::gomaxprocs(0) as u32
}
