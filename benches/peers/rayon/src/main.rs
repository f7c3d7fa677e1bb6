//! The benchmark workloads that only compute, on rayon: `rows WORKLOAD key=value ..`. Nothing there can wait for anything
//! but its own tasks.

use std::hint::black_box;
use std::time::Instant;

use bench_kit::{Args, absent, fib_tasks, first_and_warm, hash, hash_input, procs};

fn main() {
    let args = Args::from_env();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(procs())
        .build()
        .expect("threads");
    match args.workload.as_str() {
        "parallel" => pool.install(|| parallel(&args)),
        "forkjoin" => pool.install(|| forkjoin(&args)),
        _ => absent(),
    }
}

/// A task for each, as the others have it; a parallel iterator would make pieces of its own.
fn parallel(args: &Args) {
    let tasks = args.num("tasks");
    let input = hash_input();
    let start = Instant::now();
    for _ in 0..tasks {
        black_box(hash(black_box(&input)));
    }
    let serial = start.elapsed();
    let start = Instant::now();
    rayon::scope(|scope| {
        for _ in 0..tasks {
            scope.spawn(|_| {
                black_box(hash(black_box(&input)));
            });
        }
    });
    bench_kit::parallel(tasks, serial, start.elapsed());
}

fn fib(n: usize) -> usize {
    if n < 2 {
        return n;
    }
    let (left, right) = rayon::join(|| fib(n - 1), || fib(n - 2));
    left + right
}

fn forkjoin(args: &Args) {
    let n = args.num("n");
    let mut rounds = Vec::new();
    for _ in 0..args.num("rounds") {
        let start = Instant::now();
        black_box(fib(n));
        rounds.push(start.elapsed());
    }
    first_and_warm(&rounds, fib_tasks(n));
}
