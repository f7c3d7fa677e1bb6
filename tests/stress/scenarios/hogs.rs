//! Goroutines that do not give way, or only when asked.

use crate::cx::Cx;
use crate::watch::thread_count;
use goroutines::sync::WaitGroup;
use goroutines::{Chan, runtime};
use rustix::time::{ClockId, clock_gettime};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Hogs that call nothing until they are told to stop: a pair of others still gets its turn.
pub(crate) fn endless(cx: &Cx) {
    let hogs = 24;
    let wg = WaitGroup::new();
    let stop = Arc::new(AtomicBool::new(false));
    for _ in 0..hogs {
        let stop = stop.clone();
        // Not a loop that the macro could see.
        let body: fn(&AtomicBool) = spin_until;
        wg.go(move || body(&stop));
    }
    let echo = Chan::<usize>::new(0);
    let n = cx.times(200);
    wg.go({
        let echo = echo.clone();
        move || (0..n).for_each(|v| echo.send(v))
    });
    (0..n).for_each(|v| assert_eq!(echo.recv(), Some(v)));
    stop.store(true, Ordering::Relaxed);
    wg.wait();
}

fn spin_until(stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        std::hint::spin_loop();
    }
}

/// Many tasks of pure computing, each of several slices: they end, and as many at most are under way as may
/// be. At `STRESS_SCALE=500` they are 20,000.
pub(crate) fn tasks(cx: &Cx) {
    const LIMIT: usize = 16;
    let (n, each) = (cx.times(40), Duration::from_millis(50));
    let old = goroutines::debug::set_max_hogs(LIMIT);
    let wg = WaitGroup::new();
    let most = Arc::new(AtomicUsize::new(0));
    let begin = Instant::now();
    for _ in 0..n {
        let most = most.clone();
        wg.go(move || {
            burn(each);
            most.fetch_max(runtime::metrics().hogs, Ordering::Relaxed);
        });
    }
    wg.wait();
    goroutines::debug::set_max_hogs(old);
    // One is let begin while fewer than the limit are hogs, and some that have been kept back for long, no more
    // than as many again; meanwhile each P may have begun another.
    let limit = 2 * LIMIT + runtime::gomaxprocs(0);
    let most = most.load(Ordering::Relaxed);
    println!(
        "       {n} tasks of {each:?}: {:?}, at most {most} hogs, {} threads",
        begin.elapsed(),
        thread_count()
    );
    assert!(most <= limit, "{most} hogs, allowed {limit}");
}

/// Uses `d` of CPU time: the machine may be busy.
fn burn(d: Duration) {
    let cpu = || {
        let t = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(t.tv_sec as u64, t.tv_nsec as u32)
    };
    let begin = cpu();
    while cpu() - begin < d {
        work(1_000);
    }
}

fn work(n: u64) {
    for i in 0..n {
        std::hint::black_box(i);
    }
}

/// `#[goroutine]` functions in endless loops share the Ps among themselves and with others.
pub(crate) fn give_way(cx: &Cx) {
    let turns: Arc<Vec<AtomicUsize>> = Arc::new((0..6).map(|_| AtomicUsize::new(0)).collect());
    let stop = Arc::new(AtomicBool::new(false));
    let wg = WaitGroup::new();
    for i in 0..turns.len() {
        let (turns, stop) = (turns.clone(), stop.clone());
        wg.go(move || count(&turns[i], &stop));
    }
    // Every one of them gets its turn, and so do we, again and again.
    for _ in 0..cx.times(3) {
        let before: Vec<usize> = turns.iter().map(|t| t.load(Ordering::Relaxed)).collect();
        while turns
            .iter()
            .zip(&before)
            .any(|(t, b)| t.load(Ordering::Relaxed) == *b)
        {
            runtime::gosched();
        }
    }
    stop.store(true, Ordering::Relaxed);
    wg.wait();
}

#[goroutines::goroutine]
fn count(turns: &AtomicUsize, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        turns.fetch_add(1, Ordering::Relaxed);
    }
}

/// Long loops of plain functions that call `checkpoint`.
pub(crate) fn checkpoints(cx: &Cx) {
    let wg = WaitGroup::new();
    let turn = Arc::new(AtomicUsize::new(0));
    let n = 6;
    for i in 0..n {
        let turn = turn.clone();
        let rounds = cx.times(3);
        wg.go(move || {
            // Each waits by spinning until all the others have had their turn.
            for r in 0..rounds {
                while turn.load(Ordering::Acquire) != r * n + i {
                    std::hint::spin_loop();
                    runtime::checkpoint();
                }
                turn.fetch_add(1, Ordering::Release);
            }
        });
    }
    wg.wait();
}
