//! Parking and readying through channels, in every topology.

use crate::cx::Cx;
use goroutines::sync::WaitGroup;
use goroutines::{Chan, chan, go, select};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Senders and receivers of every capacity, all on all channels: no value is lost or doubled.
pub(crate) fn mesh(cx: &Cx) {
    let mut rng = cx.rng(0);
    let channels: Vec<Chan<u64>> = (0..8).map(|_| Chan::new(rng.below(5))).collect();
    let (senders, values) = (8, cx.times(2_000));
    let sum = Arc::new(AtomicU64::new(0));
    let count = Arc::new(AtomicU64::new(0));
    let (sending, receiving) = (WaitGroup::new(), WaitGroup::new());
    for s in 0..senders {
        let channels = channels.clone();
        let mut rng = cx.rng(s + 1);
        sending.go(move || {
            for v in 0..values {
                channels[rng.below(channels.len())].send((s * values + v) as u64);
            }
        });
    }
    for c in &channels {
        for _ in 0..2 {
            let (c, sum, count) = (c.clone(), sum.clone(), count.clone());
            receiving.go(move || {
                for v in &c {
                    sum.fetch_add(v, Ordering::Relaxed);
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    }
    sending.wait();
    channels.iter().for_each(Chan::close);
    receiving.wait();
    let n = (senders * values) as u64;
    assert_eq!(count.load(Ordering::Relaxed), n);
    assert_eq!(sum.load(Ordering::Relaxed), n * (n - 1) / 2);
}

/// Pairs that hand one value to and fro through unbuffered channels.
pub(crate) fn ping_pong(cx: &Cx) {
    let rounds = cx.times(2_000);
    let wg = WaitGroup::new();
    for _ in 0..16 {
        let (there, back) = (Chan::<usize>::new(0), Chan::<usize>::new(0));
        let (there2, back2) = (there.clone(), back.clone());
        wg.go(move || {
            for i in 0..rounds {
                there.send(i);
                assert_eq!(back.recv(), Some(i + 1));
            }
        });
        wg.go(move || {
            for _ in 0..rounds {
                let v = there2.recv().unwrap();
                back2.send(v + 1);
            }
        });
    }
    wg.wait();
}

/// select! on both sides, of channels that are now and then nil.
pub(crate) fn selects(cx: &Cx) {
    let per_sender = cx.times(3_000);
    let (a, b) = (Chan::<usize>::new(0), Chan::<usize>::new(2));
    let done = Chan::<()>::new(0);
    let sum = Arc::new(AtomicU64::new(0));
    let (senders, receivers) = (WaitGroup::new(), WaitGroup::new());
    for s in 0..4 {
        let (a, b) = (a.clone(), b.clone());
        let mut rng = cx.rng(s);
        senders.go(move || {
            for v in 0..per_sender {
                let (x, y) = match rng.below(4) {
                    0 => (Some(&a), None),
                    1 => (None, Some(&b)),
                    _ => (Some(&a), Some(&b)),
                };
                select! {
                    x <- v => {},
                    y <- v => {},
                }
            }
        });
    }
    for _ in 0..4 {
        let (a, b, done, sum) = (a.clone(), b.clone(), done.clone(), sum.clone());
        receivers.go(move || {
            loop {
                select! {
                    v = <-a => { sum.fetch_add(v.unwrap() as u64, Ordering::Relaxed); },
                    v = <-b => { sum.fetch_add(v.unwrap() as u64, Ordering::Relaxed); },
                    <-done => break,
                }
            }
            while let Ok(v) = b.try_recv() {
                sum.fetch_add(v as u64, Ordering::Relaxed);
            }
        });
    }
    senders.wait();
    done.close();
    receivers.wait();
    let one = (per_sender * (per_sender - 1) / 2) as u64;
    assert_eq!(sum.load(Ordering::Relaxed), 4 * one);
}

/// A token goes round a thousand goroutines.
pub(crate) fn ring(cx: &Cx) {
    let (n, rounds) = (1_000, cx.times(10));
    let (first, mut rx) = chan::channel::<usize>(0);
    for _ in 0..n {
        let (tx, next) = chan::channel(0);
        go!(move || {
            for v in rx {
                tx.send(v + 1);
            }
        });
        rx = next;
    }
    for i in 0..rounds {
        first.send(i);
        assert_eq!(rx.recv(), Some(i + n));
    }
    drop(first);
    assert_eq!(rx.recv(), None);
}

/// Plain threads on one end, goroutines on the other.
pub(crate) fn with_threads(cx: &Cx) {
    let n = cx.times(2_000);
    let (requests, answers) = (Chan::<usize>::new(0), Chan::<usize>::new(1));
    let wg = WaitGroup::new();
    for _ in 0..3 {
        let (requests, answers) = (requests.clone(), answers.clone());
        wg.go(move || {
            for v in &requests {
                answers.send(v * 2);
            }
        });
    }
    std::thread::scope(|s| {
        for _ in 0..3 {
            s.spawn(|| (0..n).for_each(|v| requests.send(v)));
        }
        let total: usize = (0..3 * n).map(|_| answers.recv().unwrap()).sum();
        assert_eq!(total, 3 * n * (n - 1));
    });
    requests.close();
    wg.wait();
}
