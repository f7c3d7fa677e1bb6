//! tokio's own channels. The smallest holds one value: there is no rendezvous, so a sender is a step ahead of Go's.

use std::time::Instant;

use bench_kit::{Args, absent, fail, per_op, sieve_messages};
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::Countdown;

pub async fn pingpong(args: &Args) {
    let n = args.num("n");
    let (ping, mut pinged) = mpsc::channel(1);
    let (pong, mut ponged) = mpsc::channel(1);
    tokio::spawn(async move {
        while let Some(v) = pinged.recv().await {
            let _ = pong.send(v).await;
        }
    });
    let mut start = Instant::now();
    for i in 0..n + n / 10 {
        if i == n / 10 {
            start = Instant::now();
        }
        let _ = ping.send(i).await;
        ponged.recv().await;
    }
    per_op("time", start.elapsed(), n);
}

async fn pass(mut input: Receiver<usize>, output: Sender<usize>, done: Countdown) {
    while let Some(token) = input.recv().await {
        if token == 0 {
            return done.done();
        }
        let _ = output.send(token - 1).await;
    }
}

pub async fn ring(args: &Args) {
    let (n, hops) = (args.num("n"), args.num("hops"));
    let done = Countdown::new(1);
    let (first, mut input) = mpsc::channel(1);
    for _ in 1..n {
        let (output, next) = mpsc::channel(1);
        tokio::spawn(pass(input, output, done.clone()));
        input = next;
    }
    tokio::spawn(pass(input, first.clone(), done.clone()));
    let start = Instant::now();
    let _ = first.send(hops).await;
    done.wait().await;
    per_op("time", start.elapsed(), hops);
}

async fn filter(mut input: Receiver<usize>, output: Sender<usize>, prime: usize) {
    while let Some(number) = input.recv().await {
        if number % prime != 0 && output.send(number).await.is_err() {
            return;
        }
    }
}

pub async fn sieve(args: &Args) {
    let count = args.num("primes");
    let start = Instant::now();
    let (output, mut numbers) = mpsc::channel(1);
    tokio::spawn(async move {
        for number in 2.. {
            if output.send(number).await.is_err() {
                return;
            }
        }
    });
    for _ in 0..count {
        let prime = numbers.recv().await.unwrap_or(2);
        let (output, next) = mpsc::channel(1);
        tokio::spawn(filter(numbers, output, prime));
        numbers = next;
    }
    per_op("time", start.elapsed(), sieve_messages(count));
}

pub async fn channel(args: &Args) {
    let (n, senders, cap) = (args.num("n"), args.num("senders"), args.num("cap"));
    if cap == 0 || args.num("receivers") != 1 {
        absent(); // tokio's mpsc has one receiver and a capacity
    }
    let (tx, mut rx) = mpsc::channel(cap);
    let done = Countdown::new(1);
    let start = Instant::now();
    for _ in 0..senders {
        let tx = tx.clone();
        tokio::spawn(async move {
            for i in 0..n / senders {
                let _ = tx.send(i).await;
            }
        });
    }
    drop(tx);
    let received = done.clone();
    tokio::spawn(async move {
        while rx.recv().await.is_some() {}
        received.done();
    });
    done.wait().await;
    per_op("time", start.elapsed(), n);
}

pub async fn select(args: &Args) {
    let (n, arms) = (args.num("n"), args.num("arms"));
    let mut c: Vec<Receiver<usize>> = Vec::new();
    for _ in 0..arms {
        let (tx, rx) = mpsc::channel(1);
        tokio::spawn(async move {
            for v in 0.. {
                if tx.send(v).await.is_err() {
                    return;
                }
            }
        });
        c.push(rx);
    }
    let mut sum = 0;
    let start = Instant::now();
    match &mut c[..] {
        [a, b] => {
            for _ in 0..n {
                sum += tokio::select! {
                    v = a.recv() => v,
                    v = b.recv() => v,
                }
                .unwrap_or(0);
            }
        }
        [a, b, c, d, e, f, g, h] => {
            for _ in 0..n {
                sum += tokio::select! {
                    v = a.recv() => v,
                    v = b.recv() => v,
                    v = c.recv() => v,
                    v = d.recv() => v,
                    v = e.recv() => v,
                    v = f.recv() => v,
                    v = g.recv() => v,
                    v = h.recv() => v,
                }
                .unwrap_or(0);
            }
        }
        _ => fail("2 or 8 arms"),
    }
    per_op("time", start.elapsed(), n);
    std::hint::black_box(sum);
}

/// One arm: `try_recv`. Two arms: a biased `select!` whose last arm is always ready.
pub async fn select_default(args: &Args) {
    let n = args.num("n");
    let (_keep_a, mut a) = mpsc::channel::<usize>(1);
    let (_keep_b, mut b) = mpsc::channel::<usize>(1);
    let mut missed = 0;
    let start = Instant::now();
    if args.num("arms") == 1 {
        for _ in 0..n {
            missed += usize::from(a.try_recv().is_err());
        }
    } else {
        for _ in 0..n {
            tokio::select! {
                biased;
                _ = a.recv() => {}
                _ = b.recv() => {}
                () = std::future::ready(()) => missed += 1,
            }
        }
    }
    per_op("time", start.elapsed(), n);
    if missed != n {
        fail("an empty channel gave a value");
    }
}
