//! Everything of the stress programs at once, for as long as one likes.
//!
//! ```text
//! cargo run --release -p tests --bin soak -- SECONDS             everything
//! cargo run --release -p tests --bin soak -- SECONDS dumps ring   only these
//! STRESS_SEED=7 GOMAXPROCS=4 cargo run --release -p tests --bin soak -- 600
//! ```
//!
//! Rounds of several scenarios side by side, each from a goroutine, a bound one or a plain thread, some
//! while GOMAXPROCS changes all the time. After every round no goroutine is left and no thread runs
//! without a P; after a rest of some seconds the process has no more threads and memory than after the
//! first such rest (Ms are never ended, so that is the level to come back to). A round that hangs prints
//! what everybody is doing.

mod cx;
mod scenarios;
mod watch;

use cx::{Cx, Rng, Scenario, first_seed, run_one};
use goroutines::runtime;
use std::process::exit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use watch::{Watchdog, settled, state, thread_count};

/// A round takes a second or two.
const PATIENCE: Duration = Duration::from_secs(120);
/// So many scenarios run side by side.
const MOST: usize = 6;
/// Between two rests.
const REST_EVERY: Duration = Duration::from_secs(10);
/// Long enough that the stacks of the last round are given back.
const REST: Duration = Duration::from_millis(2_500);
/// What the process may have more than at first: the allocator's own caches, mostly.
const SLACK_KIB: usize = 64 << 10;
const SLACK_THREADS: usize = 64;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some(seconds) = args.first().and_then(|s| s.parse::<u64>().ok()) else {
        eprintln!("usage: soak SECONDS [SCENARIO ..]");
        exit(2)
    };
    let chosen = |s: &&Scenario| args.len() == 1 || args[1..].iter().any(|a| a == s.name);
    let all: Vec<&Scenario> = scenarios::ALL.iter().filter(chosen).collect();
    let mixed: Vec<&Scenario> = all.iter().copied().filter(|s| !s.alone).collect();
    let alone: Vec<&Scenario> = all.iter().copied().filter(|s| s.alone).collect();
    let seed = first_seed();
    println!("soak: {seconds} s, seed {seed}");
    let mut rng = Cx { seed, scale: 1 }.rng(0);
    // What needs the most threads and memory comes first, so that the level is known.
    for s in &all {
        round(&[*s; MOST][..if s.alone { 1 } else { MOST }], &mut rng);
    }
    round(&mixed, &mut rng);
    thread::sleep(REST);
    let level = (thread_count(), resident());
    println!("level: {} threads, {} KiB", level.0, level.1);
    let begin = Instant::now();
    let (mut rounds, mut rested) = (0, begin);
    while begin.elapsed() < Duration::from_secs(seconds) {
        let any = |of: &[&'static Scenario], rng: &mut Rng| of[rng.below(of.len())];
        match rng.below(5) {
            0 if !alone.is_empty() => round(&[any(&alone, &mut rng)], &mut rng),
            _ if mixed.is_empty() => round(&[any(&alone, &mut rng)], &mut rng),
            1 => round(&mixed, &mut rng),
            _ => {
                let n = 2 + rng.below(MOST - 1);
                let some: Vec<_> = (0..n).map(|_| any(&mixed, &mut rng)).collect();
                round(&some, &mut rng);
            }
        }
        rounds += 1;
        if rested.elapsed() > REST_EVERY {
            thread::sleep(REST);
            rested = Instant::now();
            let now = (thread_count(), resident());
            let at = begin.elapsed().as_secs();
            println!(
                "{at:>5} s: {rounds} rounds, {} threads, {} KiB",
                now.0, now.1
            );
            if now.0 > level.0 + SLACK_THREADS || now.1 > level.1 + SLACK_KIB {
                println!("grown beyond {level:?}, seed {seed}\n{}", state());
                exit(1);
            }
        }
    }
    println!("soak: ok, {rounds} rounds");
}

/// Runs scenarios side by side and waits until nothing is left of them.
fn round(some: &[&Scenario], rng: &mut Rng) {
    let names: Vec<_> = some.iter().map(|s| s.name).collect();
    let watchdog = Watchdog::start(PATIENCE, names.join(" "));
    let mut cx = || Cx {
        seed: rng.next(),
        scale: 1,
    };
    let changes = some.iter().all(|s| !s.alone) && cx().seed.is_multiple_of(3);
    let changer = changes.then(|| Changer::start(cx().rng(0)));
    thread::scope(|s| {
        for scenario in some {
            let cx = cx();
            s.spawn(move || run_one(scenario.run, cx));
        }
    });
    if let Some(changer) = changer {
        changer.stop();
    }
    settled();
    watchdog.stop();
}

/// A thread that changes GOMAXPROCS until it is stopped.
struct Changer {
    stopped: Arc<AtomicBool>,
    thread: thread::JoinHandle<()>,
}

impl Changer {
    fn start(mut rng: Rng) -> Changer {
        let stopped = Arc::new(AtomicBool::new(false));
        let seen = stopped.clone();
        let thread = thread::spawn(move || {
            let procs = runtime::gomaxprocs(0);
            while !seen.load(Ordering::Relaxed) {
                runtime::gomaxprocs(1 + rng.below(8));
                thread::sleep(Duration::from_micros(rng.below(20_000) as u64));
            }
            runtime::gomaxprocs(procs);
        });
        Changer { stopped, thread }
    }

    fn stop(self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.thread.join().expect("it only changes a number");
    }
}

/// Resident memory in KiB.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    line.and_then(|l| l.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
