//! Starting coroutines: many short ones, many that wait, trees of them.

use std::sync::Arc;
use std::time::Instant;

use bench_kit::process::Memory;
use bench_kit::{Args, fail, fib_tasks, first_and_warm, per_op, report};
use may::go;
use may::sync::{Semphore, mpsc};

use crate::Countdown;

pub fn spawn(args: &Args) {
    let n = args.num("n");
    let mut rounds = Vec::new();
    for _ in 0..args.num("rounds") {
        let wg = Countdown::new(n);
        let start = Instant::now();
        for _ in 0..n {
            let wg = wg.clone();
            go!(move || wg.done());
        }
        wg.wait();
        rounds.push(start.elapsed());
    }
    first_and_warm(&rounds, n);
}

pub fn spawn_par(args: &Args) {
    let (n, spawners) = (args.num("n"), args.num("spawners"));
    let mut rounds = Vec::new();
    for _ in 0..args.num("rounds") {
        let wg = Countdown::new(n / spawners * spawners);
        let start = Instant::now();
        for _ in 0..spawners {
            let wg = wg.clone();
            go!(move || {
                for _ in 0..n / spawners {
                    let wg = wg.clone();
                    go!(move || wg.done());
                }
            });
        }
        wg.wait();
        rounds.push(start.elapsed());
    }
    first_and_warm(&rounds, n);
}

/// Coroutines wait on a semaphore: may's channels cannot be closed while their senders live.
pub fn parked(args: &Args) {
    let n = args.num("n");
    let gate = Arc::new(Semphore::new(0));
    let (ready, done) = (Countdown::new(n), Countdown::new(n));
    let before = Memory::now();
    let start = Instant::now();
    for _ in 0..n {
        let (gate, ready, done) = (gate.clone(), ready.clone(), done.clone());
        go!(move || {
            ready.done();
            gate.wait();
            done.done();
        });
    }
    ready.wait();
    per_op("start", start.elapsed(), n);
    Memory::now().report_since(before, n);
    let start = Instant::now();
    for _ in 0..n {
        gate.post();
    }
    done.wait();
    per_op("wake", start.elapsed(), n);
    report("peak", Memory::now().peak / f64::from(1 << 20), "MiB");
}

fn skynet_node(parent: &mpsc::Sender<usize>, number: usize, size: usize) {
    if size == 1 {
        let _ = parent.send(number);
        return;
    }
    let (children, sums) = mpsc::channel();
    for i in 0..10 {
        let children = children.clone();
        go!(move || skynet_node(&children, number + i * (size / 10), size / 10));
    }
    let sum = (0..10).map(|_| sums.recv().unwrap_or(0)).sum();
    let _ = parent.send(sum);
}

pub fn skynet(args: &Args) {
    let leaves = args.num("leaves");
    let mut rounds = Vec::new();
    for _ in 0..args.num("rounds") {
        let start = Instant::now();
        let (result, sum) = mpsc::channel();
        go!(move || skynet_node(&result, 0, leaves));
        if sum.recv() != Ok(leaves * (leaves - 1) / 2) {
            fail("wrong sum");
        }
        rounds.push(start.elapsed());
    }
    first_and_warm(&rounds, leaves);
}

/// The result comes by the `JoinHandle`.
fn fib(n: usize) -> usize {
    if n < 2 {
        return n;
    }
    let left = go!(move || fib(n - 1));
    let right = fib(n - 2);
    left.join().expect("no panic") + right
}

pub fn forkjoin(args: &Args) {
    let n = args.num("n");
    let mut rounds = Vec::new();
    for _ in 0..args.num("rounds") {
        let start = Instant::now();
        std::hint::black_box(fib(n));
        rounds.push(start.elapsed());
    }
    first_and_warm(&rounds, fib_tasks(n));
}
