//! A million messages from a goroutine to a tokio task, and back, beside flume and kanal:
//! `cargo run --release -p ecosystem --example async_messages`.

use goroutines::prelude::*;
use std::time::Instant;

const MESSAGES: u64 = 1_000_000;

fn report(what: &str, run: impl FnOnce() -> u64) {
    let begin = Instant::now();
    assert_eq!(run(), MESSAGES * (MESSAGES - 1) / 2);
    let each = begin.elapsed().as_nanos() as u64 / MESSAGES;
    println!("{what:<34} {each:>5} ns a message");
}

#[goroutine]
fn main() {
    for cap in [0, 1, 128] {
        report(&format!("goroutine to task, {cap}"), || {
            let (tx, rx) = chan::channel(cap);
            let sum = goroutines::tokio::spawn(async move {
                let mut sum = 0;
                while let Some(n) = rx.recv_async().await {
                    sum += n;
                }
                sum
            });
            (0..MESSAGES).for_each(|n| tx.send(n));
            drop(tx);
            block_on(sum).unwrap()
        });
        report(&format!("task to goroutine, {cap}"), || {
            let (tx, rx) = chan::channel(cap);
            goroutines::tokio::spawn(async move {
                for n in 0..MESSAGES {
                    tx.send_async(n).await.unwrap();
                }
            });
            rx.iter().sum()
        });
        report(&format!("flume, goroutine to task, {cap}"), || {
            let (tx, rx) = flume::bounded(cap);
            let sum = goroutines::tokio::spawn(async move {
                let mut sum = 0;
                while let Ok(n) = rx.recv_async().await {
                    sum += n;
                }
                sum
            });
            for n in 0..MESSAGES {
                block_on(tx.send_async(n)).unwrap();
            }
            drop(tx);
            block_on(sum).unwrap()
        });
        report(&format!("flume, task to goroutine, {cap}"), || {
            let (tx, rx) = flume::bounded(cap);
            goroutines::tokio::spawn(async move {
                for n in 0..MESSAGES {
                    tx.send_async(n).await.unwrap();
                }
            });
            let mut sum = 0;
            while let Ok(n) = block_on(rx.recv_async()) {
                sum += n;
            }
            sum
        });
        report(&format!("kanal, goroutine to task, {cap}"), || {
            let (tx, rx) = kanal::bounded_async(cap);
            let sum = goroutines::tokio::spawn(async move {
                let mut sum = 0;
                while let Ok(n) = rx.recv().await {
                    sum += n;
                }
                sum
            });
            for n in 0..MESSAGES {
                block_on(tx.send(n)).unwrap();
            }
            drop(tx);
            block_on(sum).unwrap()
        });
        report(&format!("kanal, task to goroutine, {cap}"), || {
            let (tx, rx) = kanal::bounded_async(cap);
            goroutines::tokio::spawn(async move {
                for n in 0..MESSAGES {
                    tx.send(n).await.unwrap();
                }
            });
            let mut sum = 0;
            while let Ok(n) = block_on(rx.recv()) {
                sum += n;
            }
            sum
        });
    }
}
