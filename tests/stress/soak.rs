//! Everything of the stress programs at once, for as long as one likes.
//!
//! ```text
//! cargo run --release -p tests --bin soak -- SECONDS
//! STRESS_SEED=7 GOMAXPROCS=4 cargo run --release -p tests --bin soak -- 600
//! ```
//!
//! Rounds of several scenarios side by side, each from a goroutine or a plain thread. After every
//! round no goroutine is left and no thread runs without a P; after a rest of some seconds the
//! process has no more threads and memory than after the first such rest (Ms are never ended, so
//! that is the level to come back to). A round that hangs prints what everybody is doing.

mod cx;
mod scenarios;
mod watch;

use cx::{Cx, Rng, Scenario, first_seed, run_one};
use std::process::exit;
use std::thread;
use std::time::{Duration, Instant};
use watch::{Watchdog, settled, state, thread_count};

/// A round takes a second or two.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two rests.
const REST_EVERY: Duration = Duration::from_secs(10);
/// Long enough that the stacks of the last round are given back.
const REST: Duration = Duration::from_millis(2_500);
/// What the process may have more than at first: the allocator's own caches, mostly.
const SLACK_KIB: usize = 64 << 10;
const SLACK_THREADS: usize = 16;

fn main() {
    let seconds = std::env::args().nth(1).and_then(|s| s.parse().ok());
    let seconds: u64 = seconds.unwrap_or_else(|| {
        eprintln!("usage: soak SECONDS");
        exit(2)
    });
    let seed = first_seed();
    println!("soak: {seconds} s, seed {seed}");
    let begin = Instant::now();
    let mut rng = Cx { seed, scale: 1 }.rng(0);
    // Whatever needs the most threads and memory, once, so that the level is known.
    for s in scenarios::ALL {
        round(&[s], &mut rng);
    }
    round(&all_mixed(), &mut rng);
    thread::sleep(REST);
    let level = (thread_count(), resident());
    println!("level: {} threads, {} KiB", level.0, level.1);
    let (mut rounds, mut rested) = (0, Instant::now());
    while begin.elapsed() < Duration::from_secs(seconds) {
        let mixed = all_mixed();
        let some: Vec<_> = match rng.below(5) {
            0 => {
                let alone: Vec<_> = scenarios::ALL.iter().filter(|s| s.alone).collect();
                vec![alone[rng.below(alone.len())]]
            }
            1 => mixed,
            _ => (0..2 + rng.below(5))
                .map(|_| mixed[rng.below(mixed.len())])
                .collect(),
        };
        round(&some, &mut rng);
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

/// The scenarios that may run side by side.
fn all_mixed() -> Vec<&'static Scenario> {
    scenarios::ALL.iter().filter(|s| !s.alone).collect()
}

/// Runs scenarios side by side and waits until nothing is left of them.
fn round(some: &[&Scenario], rng: &mut Rng) {
    let names: Vec<_> = some.iter().map(|s| s.name).collect();
    let watchdog = Watchdog::start(PATIENCE, names.join(" "));
    thread::scope(|s| {
        for scenario in some {
            let cx = Cx {
                seed: rng.next(),
                scale: 1,
            };
            s.spawn(move || run_one(scenario.run, cx));
        }
    });
    settled();
    watchdog.stop();
}

/// Resident memory in KiB.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    line.and_then(|l| l.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
