//! A hundred thousand goroutines alive at once, and what one costs beside a thread.
//!
//! Mirrors the claim of every introduction: "a Go program creates a hundred thousand goroutines
//! without trouble, because each begins with a small stack". Memory is the growth of the process's
//! resident set, so it counts what is really used. Before Linux 6.13 a process has room for some 32,000
//! stacks, unless `vm.max_map_count` is raised; there they are 30,000.

use goroutines::prelude::*;
use std::sync::{Arc, Barrier};

const GOROUTINES: usize = 100_000;
const THREADS: usize = 500;

#[goroutine]
fn main() {
    let before = resident_bytes();
    let start = time::now();
    let gate = make!(chan());
    let started = WaitGroup::new();
    let ended = WaitGroup::new();
    let many = GOROUTINES.min(room());
    for _ in 0..many {
        started.add(1);
        ended.add(1);
        go!([gate, started, ended], {
            started.done();
            gate.recv(); // blocks until the gate is closed
            ended.done();
        });
    }
    started.wait();
    println!("{} goroutines alive", runtime::num_goroutine());
    report("goroutine", many, before, start);
    gate.close();
    ended.wait();

    let before = resident_bytes();
    let start = time::now();
    let gate = Arc::new(Barrier::new(THREADS + 1));
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            std::thread::spawn({
                let gate = gate.clone();
                move || gate.wait()
            })
        })
        .collect();
    report("thread", THREADS, before, start);
    runtime::blocking(|| {
        gate.wait();
        threads.into_iter().for_each(|t| drop(t.join()));
    });
}

/// How many goroutines there may be: fewer where each one's stack takes mappings of the process.
fn room() -> usize {
    match runtime::metrics().mappings_per_stack {
        0 => usize::MAX,
        _ => 30_000,
    }
}

fn report(what: &str, n: usize, before: usize, start: time::Instant) {
    let nanos = time::since(start).as_nanos() as f64 / n as f64;
    let bytes = resident_bytes().saturating_sub(before) as f64 / n as f64;
    println!(
        "a {what}: {:.1} KiB and {:.1} us to start",
        bytes / 1024.0,
        nanos / 1e3
    );
}

/// The memory of this process that is in RAM, page tables included (they matter for big stacks).
fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = |name: &str| {
        let line = status.lines().find(|l| l.starts_with(name));
        line.and_then(|l| l.split_whitespace().nth(1)?.parse::<usize>().ok())
            .unwrap_or(0)
    };
    (kib("VmRSS:") + kib("VmPTE:")) * 1024
}
