//! Starting tasks: many short ones, many that wait, trees of them.

use std::sync::Arc;
use std::time::Instant;

use bench_kit::process::Memory;
use bench_kit::{Args, fail, fib_tasks, first_and_warm, per_op, report};
use tokio::sync::{Notify, mpsc};

use crate::Countdown;

pub async fn spawn(args: &Args) {
    let n = args.num("n");
    let mut rounds = Vec::new();
    for _ in 0..args.num("rounds") {
        let wg = Countdown::new(n);
        let start = Instant::now();
        for _ in 0..n {
            let wg = wg.clone();
            tokio::spawn(async move { wg.done() });
        }
        wg.wait().await;
        rounds.push(start.elapsed());
    }
    first_and_warm(&rounds, n);
}

pub async fn spawn_par(args: &Args) {
    let (n, spawners) = (args.num("n"), args.num("spawners"));
    let mut rounds = Vec::new();
    for _ in 0..args.num("rounds") {
        let wg = Countdown::new(n / spawners * spawners);
        let start = Instant::now();
        for _ in 0..spawners {
            let wg = wg.clone();
            tokio::spawn(async move {
                for _ in 0..n / spawners {
                    let wg = wg.clone();
                    tokio::spawn(async move { wg.done() });
                }
            });
        }
        wg.wait().await;
        rounds.push(start.elapsed());
    }
    first_and_warm(&rounds, n);
}

/// Tasks wait on a `Notify`, the cheapest thing that tokio has to wait on.
pub async fn parked(args: &Args) {
    let n = args.num("n");
    let gate = Arc::new(Notify::new());
    let (ready, done) = (Countdown::new(n), Countdown::new(n));
    let before = Memory::now();
    let start = Instant::now();
    for _ in 0..n {
        let (gate, ready, done) = (gate.clone(), ready.clone(), done.clone());
        tokio::spawn(async move {
            let opened = gate.notified();
            ready.done();
            opened.await;
            done.done();
        });
    }
    ready.wait().await;
    per_op("start", start.elapsed(), n);
    Memory::now().report_since(before, n);
    let start = Instant::now();
    gate.notify_waiters();
    done.wait().await;
    per_op("wake", start.elapsed(), n);
    report("peak", Memory::now().peak / f64::from(1 << 20), "MiB");
}

/// A node spawns its children in a function that is not async: a future cannot contain itself.
fn skynet_node(parent: mpsc::Sender<usize>, number: usize, size: usize) {
    tokio::spawn(async move {
        if size == 1 {
            let _ = parent.send(number).await;
            return;
        }
        let (children, mut sums) = mpsc::channel(1);
        for i in 0..10 {
            skynet_node(children.clone(), number + i * (size / 10), size / 10);
        }
        let mut sum = 0;
        for _ in 0..10 {
            sum += sums.recv().await.unwrap_or(0);
        }
        let _ = parent.send(sum).await;
    });
}

pub async fn skynet(args: &Args) {
    let leaves = args.num("leaves");
    let mut rounds = Vec::new();
    for _ in 0..args.num("rounds") {
        let start = Instant::now();
        let (result, mut sum) = mpsc::channel(1);
        skynet_node(result, 0, leaves);
        if sum.recv().await != Some(leaves * (leaves - 1) / 2) {
            fail("wrong sum");
        }
        rounds.push(start.elapsed());
    }
    first_and_warm(&rounds, leaves);
}

/// The result comes by the `JoinHandle`, and the right branch needs a box: an async fn cannot call itself otherwise.
fn fib(n: usize) -> std::pin::Pin<Box<dyn Future<Output = usize> + Send>> {
    Box::pin(async move {
        if n < 2 {
            return n;
        }
        let left = tokio::spawn(fib(n - 1));
        let right = fib(n - 2).await;
        left.await.expect("no panic") + right
    })
}

pub async fn forkjoin(args: &Args) {
    let n = args.num("n");
    let mut rounds = Vec::new();
    for _ in 0..args.num("rounds") {
        let start = Instant::now();
        std::hint::black_box(fib(n).await);
        rounds.push(start.elapsed());
    }
    first_and_warm(&rounds, fib_tasks(n));
}
