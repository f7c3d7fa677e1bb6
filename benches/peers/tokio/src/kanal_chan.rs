//! kanal's channels on tokio's scheduler: bounded, with a true rendezvous at capacity 0, so the same work as Go's.

use std::time::Instant;

use bench_kit::{Args, per_op, sieve_messages};
use kanal::{AsyncReceiver, AsyncSender, bounded_async};

use crate::Countdown;

pub async fn pingpong(args: &Args) {
    let n = args.num("n");
    let (ping, pinged) = bounded_async(0);
    let (pong, ponged) = bounded_async(0);
    tokio::spawn(async move {
        while let Ok(v) = pinged.recv().await {
            let _ = pong.send(v).await;
        }
    });
    let mut start = Instant::now();
    for i in 0..n + n / 10 {
        if i == n / 10 {
            start = Instant::now();
        }
        let _ = ping.send(i).await;
        let _ = ponged.recv().await;
    }
    per_op("time", start.elapsed(), n);
}

async fn pass(input: AsyncReceiver<usize>, output: AsyncSender<usize>, done: Countdown) {
    while let Ok(token) = input.recv().await {
        if token == 0 {
            return done.done();
        }
        let _ = output.send(token - 1).await;
    }
}

pub async fn ring(args: &Args) {
    let (n, hops) = (args.num("n"), args.num("hops"));
    let done = Countdown::new(1);
    let (first, mut input) = bounded_async(0);
    for _ in 1..n {
        let (output, next) = bounded_async(0);
        tokio::spawn(pass(input, output, done.clone()));
        input = next;
    }
    tokio::spawn(pass(input, first.clone(), done.clone()));
    let start = Instant::now();
    let _ = first.send(hops).await;
    done.wait().await;
    per_op("time", start.elapsed(), hops);
}

async fn filter(input: AsyncReceiver<usize>, output: AsyncSender<usize>, prime: usize) {
    while let Ok(number) = input.recv().await {
        if number % prime != 0 && output.send(number).await.is_err() {
            return;
        }
    }
}

pub async fn sieve(args: &Args) {
    let count = args.num("primes");
    let start = Instant::now();
    let (output, mut numbers) = bounded_async(0);
    tokio::spawn(async move {
        for number in 2.. {
            if output.send(number).await.is_err() {
                return;
            }
        }
    });
    for _ in 0..count {
        let prime = numbers.recv().await.unwrap_or(2);
        let (output, next) = bounded_async(0);
        tokio::spawn(filter(numbers, output, prime));
        numbers = next;
    }
    per_op("time", start.elapsed(), sieve_messages(count));
}

pub async fn channel(args: &Args) {
    let (n, senders, receivers) = (args.num("n"), args.num("senders"), args.num("receivers"));
    let (tx, rx) = bounded_async(args.num("cap"));
    let done = Countdown::new(receivers);
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
    for _ in 0..receivers {
        let (rx, done) = (rx.clone(), done.clone());
        tokio::spawn(async move {
            while rx.recv().await.is_ok() {}
            done.done();
        });
    }
    done.wait().await;
    per_op("time", start.elapsed(), n);
}
