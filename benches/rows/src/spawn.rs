//! Starting goroutines: many short ones, many that wait, trees of them.

use std::time::Instant;

use bench_kit::process::Memory;
use bench_kit::{Args, fail, fib_tasks, first_and_warm, per_op, report};
use goroutines::prelude::*;

pub(crate) fn spawn(args: &Args) {
    let n = args.num("n");
    let mut rounds = Vec::new();
    for _ in 0..args.num("rounds") {
        let wg = WaitGroup::new();
        let start = Instant::now();
        wg.add(n as i64);
        for _ in 0..n {
            go!([wg], wg.done());
        }
        wg.wait();
        rounds.push(start.elapsed());
    }
    first_and_warm(&rounds, n);
}

pub(crate) fn spawn_par(args: &Args) {
    let (n, spawners) = (args.num("n"), args.num("spawners"));
    let mut rounds = Vec::new();
    for _ in 0..args.num("rounds") {
        let wg = WaitGroup::new();
        let start = Instant::now();
        wg.add((n / spawners * spawners) as i64);
        for _ in 0..spawners {
            go!([wg], {
                for _ in 0..n / spawners {
                    go!([wg], wg.done());
                }
            });
        }
        wg.wait();
        rounds.push(start.elapsed());
    }
    first_and_warm(&rounds, n);
}

/// Goroutines that all wait on one channel, and wake when it is closed.
pub(crate) fn parked(args: &Args) {
    let n = args.num("n");
    let gate = make!(chan());
    let (ready, done) = (WaitGroup::new(), WaitGroup::new());
    let before = Memory::now();
    let start = Instant::now();
    ready.add(n as i64);
    done.add(n as i64);
    for _ in 0..n {
        go!([opened = gate.receiver(), ready, done], {
            ready.done();
            opened.recv();
            done.done();
        });
    }
    ready.wait();
    per_op("start", start.elapsed(), n);
    Memory::now().report_since(before, n);
    let start = Instant::now();
    gate.close();
    done.wait();
    per_op("wake", start.elapsed(), n);
    report("peak", Memory::now().peak / f64::from(1 << 20), "MiB");
}

fn skynet_node(parent: Sender<usize>, number: usize, size: usize) {
    if size == 1 {
        return parent.send(number);
    }
    let children = make!(chan usize);
    for i in 0..10 {
        go!(skynet_node(
            children.sender(),
            number + i * (size / 10),
            size / 10
        ));
    }
    let sum = (0..10).filter_map(|_| children.recv()).sum();
    parent.send(sum);
}

pub(crate) fn skynet(args: &Args) {
    let leaves = args.num("leaves");
    let mut rounds = Vec::new();
    for _ in 0..args.num("rounds") {
        let start = Instant::now();
        let result = make!(chan usize);
        go!(skynet_node(result.sender(), 0, leaves));
        if result.recv() != Some(leaves * (leaves - 1) / 2) {
            fail("wrong sum");
        }
        rounds.push(start.elapsed());
    }
    first_and_warm(&rounds, leaves);
}

/// As in Go, the left branch sends its result over a channel.
fn fib(n: usize) -> usize {
    if n < 2 {
        return n;
    }
    let left = make!(chan usize, 1);
    go!([left], left.send(fib(n - 1)));
    let right = fib(n - 2);
    left.recv().unwrap_or(0) + right
}

pub(crate) fn forkjoin(args: &Args) {
    let n = args.num("n");
    let mut rounds = Vec::new();
    for _ in 0..args.num("rounds") {
        let start = Instant::now();
        std::hint::black_box(fib(n));
        rounds.push(start.elapsed());
    }
    first_and_warm(&rounds, fib_tasks(n));
}
