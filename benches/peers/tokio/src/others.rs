//! Other crates' channels on tokio's scheduler: bounded, and where they have a true rendezvous at capacity 0, the same
//! work as Go's.

use std::future::Future;
use std::time::Instant;

use bench_kit::{Args, absent, per_op, sieve_messages};

use crate::Countdown;

/// A crate's channel of numbers.
pub trait Channels: 'static {
    type Tx: Clone + Send + Sync;
    type Rx: Clone + Send + Sync;
    /// The smallest capacity.
    const LEAST: usize;

    fn bounded(cap: usize) -> (Self::Tx, Self::Rx);
    /// `false`: nobody will receive it.
    fn send(tx: &Self::Tx, number: usize) -> impl Future<Output = bool> + Send;
    /// `None`: nobody will send.
    fn recv(rx: &Self::Rx) -> impl Future<Output = Option<usize>> + Send;
}

pub struct Kanal;
pub struct Flume;
pub struct AsyncChannel;

impl Channels for Kanal {
    type Tx = kanal::AsyncSender<usize>;
    type Rx = kanal::AsyncReceiver<usize>;
    const LEAST: usize = 0;

    fn bounded(cap: usize) -> (Self::Tx, Self::Rx) {
        kanal::bounded_async(cap)
    }

    async fn send(tx: &Self::Tx, number: usize) -> bool {
        tx.send(number).await.is_ok()
    }

    async fn recv(rx: &Self::Rx) -> Option<usize> {
        rx.recv().await.ok()
    }
}

impl Channels for Flume {
    type Tx = flume::Sender<usize>;
    type Rx = flume::Receiver<usize>;
    const LEAST: usize = 0;

    fn bounded(cap: usize) -> (Self::Tx, Self::Rx) {
        flume::bounded(cap)
    }

    async fn send(tx: &Self::Tx, number: usize) -> bool {
        tx.send_async(number).await.is_ok()
    }

    async fn recv(rx: &Self::Rx) -> Option<usize> {
        rx.recv_async().await.ok()
    }
}

impl Channels for AsyncChannel {
    type Tx = async_channel::Sender<usize>;
    type Rx = async_channel::Receiver<usize>;
    const LEAST: usize = 1;

    fn bounded(cap: usize) -> (Self::Tx, Self::Rx) {
        async_channel::bounded(cap)
    }

    async fn send(tx: &Self::Tx, number: usize) -> bool {
        tx.send(number).await.is_ok()
    }

    async fn recv(rx: &Self::Rx) -> Option<usize> {
        rx.recv().await.ok()
    }
}

/// The workloads that are about channels.
pub async fn run<C: Channels>(args: &Args) {
    match args.workload.as_str() {
        "chan" if args.num("cap") >= C::LEAST => channel::<C>(args).await,
        "pingpong" if C::LEAST == 0 => pingpong::<C>(args).await,
        "ring" if C::LEAST == 0 => ring::<C>(args).await,
        "sieve" if C::LEAST == 0 => sieve::<C>(args).await,
        _ => absent(),
    }
}

async fn pingpong<C: Channels>(args: &Args) {
    let n = args.num("n");
    let (ping, pinged) = C::bounded(0);
    let (pong, ponged) = C::bounded(0);
    tokio::spawn(async move {
        while let Some(v) = C::recv(&pinged).await {
            C::send(&pong, v).await;
        }
    });
    let mut start = Instant::now();
    for i in 0..n + n / 10 {
        if i == n / 10 {
            start = Instant::now();
        }
        C::send(&ping, i).await;
        C::recv(&ponged).await;
    }
    per_op("time", start.elapsed(), n);
}

async fn pass<C: Channels>(input: C::Rx, output: C::Tx, done: Countdown) {
    while let Some(token) = C::recv(&input).await {
        if token == 0 {
            return done.done();
        }
        C::send(&output, token - 1).await;
    }
}

async fn ring<C: Channels>(args: &Args) {
    let (n, hops) = (args.num("n"), args.num("hops"));
    let done = Countdown::new(1);
    let (first, mut input) = C::bounded(0);
    for _ in 1..n {
        let (output, next) = C::bounded(0);
        tokio::spawn(pass::<C>(input, output, done.clone()));
        input = next;
    }
    tokio::spawn(pass::<C>(input, first.clone(), done.clone()));
    let start = Instant::now();
    C::send(&first, hops).await;
    done.wait().await;
    per_op("time", start.elapsed(), hops);
}

async fn filter<C: Channels>(input: C::Rx, output: C::Tx, prime: usize) {
    while let Some(number) = C::recv(&input).await {
        if number % prime != 0 && !C::send(&output, number).await {
            return;
        }
    }
}

async fn sieve<C: Channels>(args: &Args) {
    let count = args.num("primes");
    let start = Instant::now();
    let (output, mut numbers) = C::bounded(0);
    tokio::spawn(async move {
        for number in 2.. {
            if !C::send(&output, number).await {
                return;
            }
        }
    });
    for _ in 0..count {
        let prime = C::recv(&numbers).await.unwrap_or(2);
        let (output, next) = C::bounded(0);
        tokio::spawn(filter::<C>(numbers, output, prime));
        numbers = next;
    }
    per_op("time", start.elapsed(), sieve_messages(count));
}

async fn channel<C: Channels>(args: &Args) {
    let (n, senders, receivers) = (args.num("n"), args.num("senders"), args.num("receivers"));
    let (tx, rx) = C::bounded(args.num("cap"));
    let done = Countdown::new(receivers);
    let start = Instant::now();
    for _ in 0..senders {
        let tx = tx.clone();
        tokio::spawn(async move {
            for i in 0..n / senders {
                C::send(&tx, i).await;
            }
        });
    }
    drop(tx);
    for _ in 0..receivers {
        let (rx, done) = (rx.clone(), done.clone());
        tokio::spawn(async move {
            while C::recv(&rx).await.is_some() {}
            done.done();
        });
    }
    done.wait().await;
    per_op("time", start.elapsed(), n);
}
