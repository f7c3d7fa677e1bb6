//! Channels and select.

use std::time::Instant;

use bench_kit::{Args, fail, per_op, sieve_messages};
use goroutines::prelude::*;

pub(crate) fn pingpong(args: &Args) {
    let n = args.num("n");
    let (ping, pong) = (make!(chan usize), make!(chan usize));
    go!([pinged = ping.receiver(), answer = pong.sender()], {
        for v in pinged {
            answer.send(v);
        }
    });
    let mut start = Instant::now();
    for i in 0..n + n / 10 {
        if i == n / 10 {
            start = Instant::now();
        }
        ping.send(i);
        pong.recv();
    }
    per_op("time", start.elapsed(), n);
    ping.close();
}

fn pass(input: Receiver<usize>, output: Sender<usize>, done: Sender<()>) {
    for token in input {
        if token == 0 {
            return done.close();
        }
        output.send(token - 1);
    }
}

pub(crate) fn ring(args: &Args) {
    let (n, hops) = (args.num("n"), args.num("hops"));
    let done = make!(chan());
    let (first, mut input) = chan::channel(0);
    for _ in 1..n {
        let (output, next) = chan::channel(0);
        go!(pass(input, output, done.sender()));
        input = next;
    }
    go!(pass(input, first.clone(), done.sender()));
    let start = Instant::now();
    first.send(hops);
    done.recv();
    per_op("time", start.elapsed(), hops);
}

fn filter(input: Receiver<usize>, output: Sender<usize>, prime: usize) {
    for number in input {
        if number % prime != 0 {
            output.send(number);
        }
    }
}

pub(crate) fn sieve(args: &Args) {
    let count = args.num("primes");
    let start = Instant::now();
    let (output, mut numbers) = chan::channel(0);
    go!({
        for number in 2.. {
            output.send(number);
        }
    });
    for _ in 0..count {
        let Some(prime) = numbers.recv() else {
            fail("too few primes")
        };
        let (output, next) = chan::channel(0);
        go!(filter(numbers, output, prime));
        numbers = next;
    }
    per_op("time", start.elapsed(), sieve_messages(count));
}

pub(crate) fn channel(args: &Args) {
    let (n, senders, receivers) = (args.num("n"), args.num("senders"), args.num("receivers"));
    let c = make!(chan usize, args.num("cap"));
    let (sending, receiving) = (WaitGroup::new(), WaitGroup::new());
    let start = Instant::now();
    for _ in 0..senders {
        let tx = c.sender();
        sending.go(move || (0..n / senders).for_each(|i| tx.send(i)));
    }
    for _ in 0..receivers {
        let rx = c.receiver();
        receiving.go(move || rx.iter().for_each(drop));
    }
    sending.wait();
    c.close();
    receiving.wait();
    per_op("time", start.elapsed(), n);
}

/// Receives from one unbuffered channel per sender.
pub(crate) fn select(args: &Args) {
    let (n, arms) = (args.num("n"), args.num("arms"));
    let c: Vec<Receiver<usize>> = (0..arms)
        .map(|_| {
            let (tx, rx) = chan::channel(0);
            go!({
                for v in 0.. {
                    tx.send(v);
                }
            });
            rx
        })
        .collect();
    let mut sum = 0;
    let start = Instant::now();
    match &c[..] {
        [a, b] => {
            for _ in 0..n {
                select! {
                    Some(v) = <-a else break => sum += v,
                    Some(v) = <-b else break => sum += v,
                }
            }
        }
        [a, b, c, d, e, f, g, h] => {
            for _ in 0..n {
                select! {
                    Some(v) = <-a else break => sum += v,
                    Some(v) = <-b else break => sum += v,
                    Some(v) = <-c else break => sum += v,
                    Some(v) = <-d else break => sum += v,
                    Some(v) = <-e else break => sum += v,
                    Some(v) = <-f else break => sum += v,
                    Some(v) = <-g else break => sum += v,
                    Some(v) = <-h else break => sum += v,
                }
            }
        }
        _ => fail("2 or 8 arms"),
    }
    per_op("time", start.elapsed(), n);
    std::hint::black_box(sum);
}

pub(crate) fn select_default(args: &Args) {
    let n = args.num("n");
    let (a, b) = (make!(chan usize), make!(chan usize));
    let mut missed = 0;
    let start = Instant::now();
    if args.num("arms") == 1 {
        for _ in 0..n {
            select! {
                <-a => {}
                default => missed += 1,
            }
        }
    } else {
        for _ in 0..n {
            select! {
                <-a => {}
                <-b => {}
                default => missed += 1,
            }
        }
    }
    per_op("time", start.elapsed(), n);
    if missed != n {
        fail("an empty channel gave a value");
    }
}
