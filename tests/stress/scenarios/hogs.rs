//! Goroutines that do not give way, or only when asked.

use crate::cx::Cx;
use crate::watch::thread_count;
use goroutines::sync::WaitGroup;
use goroutines::{Chan, runtime};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// As many hogs as are allowed, that call nothing until they are told to stop: a pair of others
/// still gets its turn.
pub(crate) fn endless(cx: &Cx) {
    let hogs = (4 * runtime::gomaxprocs(0)).min(8);
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

/// Many tasks of pure computing, each of several slices: they end, and the threads stay bounded. At
/// `STRESS_SCALE=500` they are 20,000.
pub(crate) fn tasks(cx: &Cx) {
    let (n, each) = (cx.times(40), Duration::from_millis(50));
    let before = thread_count();
    let wg = WaitGroup::new();
    let most = Arc::new(AtomicUsize::new(0));
    let begin = Instant::now();
    for _ in 0..n {
        let most = most.clone();
        wg.go(move || {
            burn(each);
            most.fetch_max(thread_count(), Ordering::Relaxed);
        });
    }
    wg.wait();
    let procs = runtime::gomaxprocs(0);
    let limit = before + (4 * procs).min(64) + procs + 4;
    let most = most.load(Ordering::Relaxed);
    println!(
        "       {n} tasks of {each:?}: {:?}, at most {most} threads",
        begin.elapsed()
    );
    assert!(most <= limit, "{most} threads, allowed {limit}");
}

/// Uses `d` of CPU, not of time: the machine may be busy.
fn burn(d: Duration) {
    let per_ms = *RATE.get_or_init(|| {
        let begin = Instant::now();
        let mut n = 0u64;
        while begin.elapsed() < Duration::from_millis(2) {
            n += 1;
            work(1_000);
        }
        n * 1_000 / 2
    });
    work(per_ms * d.as_millis() as u64);
}

static RATE: std::sync::OnceLock<u64> = std::sync::OnceLock::new();

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
