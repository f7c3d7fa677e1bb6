//! may's own channels. They are unbounded: a send never waits, so the two sides switch far less often than Go's.

use std::time::Instant;

use bench_kit::{Args, absent, fail, per_op, sieve_limit, sieve_messages};
use may::sync::{mpmc, mpsc};
use may::{cqueue, cqueue_add, go};

use crate::Countdown;

pub fn pingpong(args: &Args) {
    let n = args.num("n");
    let (ping, pinged) = mpsc::channel();
    let (pong, ponged) = mpsc::channel();
    go!(move || {
        while let Ok(v) = pinged.recv() {
            let _ = pong.send(v);
        }
    });
    let mut start = Instant::now();
    for i in 0..n + n / 10 {
        if i == n / 10 {
            start = Instant::now();
        }
        let _ = ping.send(i);
        let _ = ponged.recv();
    }
    per_op("time", start.elapsed(), n);
}

fn pass(input: &mpsc::Receiver<usize>, output: &mpsc::Sender<usize>, done: &Countdown) {
    while let Ok(token) = input.recv() {
        if token == 0 {
            return done.done();
        }
        let _ = output.send(token - 1);
    }
}

pub fn ring(args: &Args) {
    let (n, hops) = (args.num("n"), args.num("hops"));
    let done = Countdown::new(1);
    let (first, mut input) = mpsc::channel();
    for _ in 1..n {
        let (output, next) = mpsc::channel();
        let done = done.clone();
        go!(move || pass(&input, &output, &done));
        input = next;
    }
    let (last, told) = (first.clone(), done.clone());
    go!(move || pass(&input, &last, &told));
    let start = Instant::now();
    let _ = first.send(hops);
    done.wait();
    per_op("time", start.elapsed(), hops);
}

/// Nothing holds the generator back, so it stops where Go's is stopped: at the last prime that is asked for.
pub fn sieve(args: &Args) {
    let count = args.num("primes");
    let start = Instant::now();
    let (output, mut numbers) = mpsc::channel();
    go!(move || {
        for number in 2..=sieve_limit(count) {
            let _ = output.send(number);
        }
    });
    for _ in 0..count {
        let Ok(prime) = numbers.recv() else {
            fail("too few primes")
        };
        let (output, next) = mpsc::channel();
        go!(move || {
            while let Ok(number) = numbers.recv() {
                if number % prime != 0 && output.send(number).is_err() {
                    return;
                }
            }
        });
        numbers = next;
    }
    per_op("time", start.elapsed(), sieve_messages(count));
}

pub fn channel(args: &Args) {
    let (n, senders, receivers) = (args.num("n"), args.num("senders"), args.num("receivers"));
    if args.num("cap") < 128 {
        absent() // may's channels are unbounded
    }
    let (tx, rx) = mpmc::channel();
    let done = Countdown::new(receivers);
    let start = Instant::now();
    for _ in 0..senders {
        let tx = tx.clone();
        go!(move || {
            for i in 0..n / senders {
                let _ = tx.send(i);
            }
        });
    }
    drop(tx);
    for _ in 0..receivers {
        let (rx, done) = (rx.clone(), done.clone());
        go!(move || {
            while rx.recv().is_ok() {}
            done.done();
        });
    }
    done.wait();
    per_op("time", start.elapsed(), n);
}

/// One long-lived `cqueue` with one coroutine per arm; `select!` would start the arms anew for each message (14 us).
pub fn select(args: &Args) {
    let (n, arms) = (args.num("n"), args.num("arms"));
    let mut received = 0;
    let start = Instant::now();
    cqueue::scope(|queue| {
        for arm in 0..arms {
            let (tx, rx) = mpsc::channel();
            go!(move || {
                for v in 0..n {
                    let _ = tx.send(v);
                }
            });
            cqueue_add!(queue, arm, _ = rx.recv() => {});
        }
        while received < n && queue.poll(None).is_ok() {
            received += 1;
        }
    });
    per_op("time", start.elapsed(), n);
}

pub fn select_default(args: &Args) {
    if args.num("arms") != 1 {
        absent() // may's select has no default
    }
    let n = args.num("n");
    let (_keep, rx) = mpsc::channel::<usize>();
    let start = Instant::now();
    let missed = (0..n).filter(|_| rx.try_recv().is_err()).count();
    per_op("time", start.elapsed(), n);
    if missed != n {
        fail("an empty channel gave a value");
    }
}
