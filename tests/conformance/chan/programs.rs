//! After the programs in `test/chan` and `test/ken`: sieves, chains, shared queues.

use super::{at_all_procs, at_procs};
use goroutines::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// The primes up to 257.
fn primes() -> Vec<u32> {
    (2..258).filter(|n| (2..*n).all(|d| n % d != 0)).collect()
}

/// `sieve1.go`: a filter for each prime.
#[test]
fn prime_sieve() {
    fn filter(input: &Receiver<u32>, out: &Sender<u32>, prime: u32) {
        for n in input {
            if n % prime != 0 {
                out.send(n);
            }
        }
    }
    at_all_procs(|| {
        let (tx, mut rx) = chan::channel(0);
        go!({
            for n in 2.. {
                tx.send(n);
            }
        });
        for expected in primes() {
            let prime = rx.recv().unwrap();
            assert_eq!(prime, expected);
            let (out, next) = chan::channel(0);
            go!([input = rx], filter(&input, &out, prime));
            rx = next;
        }
        // The last receiver goes, and with it, one after the other, the whole chain.
    });
}

/// `goroutines.go`: a daisy chain of 10,000.
#[test]
fn daisy_chain() {
    at_all_procs(|| {
        const N: u32 = 10_000;
        let leftmost = make!(chan u32);
        let mut right = leftmost.clone();
        for _ in 0..N {
            let left = right;
            right = make!(chan u32);
            go!([left, right], { left.send(right.recv().unwrap() + 1) });
        }
        go!([right], right.send(0));
        assert_eq!(leftmost.recv(), Some(N));
    });
}

/// `ken/chan.go`: eight shapes of senders and receivers with selects among them; what goes in comes
/// out, counted and summed.
#[test]
fn topologies() {
    /// Sends `start .. start + n` by `f`.
    fn run(senders: usize, receivers: usize, cap: usize, by_select: (bool, bool)) {
        const EACH: usize = 100;
        let chans: Vec<Chan<usize>> = (0..senders).map(|_| make!(chan usize, cap)).collect();
        let (total, count) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let wg = WaitGroup::new();
        for (i, c) in chans.iter().enumerate() {
            wg.add(1);
            go!([wg, c], {
                let never = make!(chan usize);
                for v in i * EACH..(i + 1) * EACH {
                    if by_select.0 {
                        select! { c <- v => {}, never <- v => unreachable!() }
                    } else {
                        c.send(v);
                    }
                }
                wg.done();
            });
        }
        let all = senders * EACH;
        for r in 0..receivers {
            wg.add(1);
            go!([wg, chans, total, count], {
                let share = all / receivers;
                let mut sel = chan::Select::new();
                let arms: Vec<_> = chans.iter().map(|c| sel.recv(c)).collect();
                for i in 0..share {
                    let v = if by_select.1 {
                        let chosen = sel.wait();
                        sel.take(arms[chosen]).unwrap()
                    } else {
                        // Plain receivers divide the channels among themselves.
                        chans[(r * share + i) / EACH].recv().unwrap()
                    };
                    total.fetch_add(v, SeqCst);
                    count.fetch_add(1, SeqCst);
                }
                wg.done();
            });
        }
        wg.wait();
        assert_eq!(count.load(SeqCst), all);
        assert_eq!(total.load(SeqCst), all * (all - 1) / 2);
    }
    at_all_procs(|| {
        for cap in [0, 1, 10] {
            for by_select in [(false, false), (true, false), (false, true), (true, true)] {
                run(1, 1, cap, by_select);
                run(4, 4, cap, by_select);
                run(4, 2, cap, by_select);
            }
            run(4, 1, cap, (true, true));
            run(1, 4, cap, (true, true));
        }
    });
}

/// `ken/chan1.go`: ten receivers on one channel get a thousand values, each once.
#[test]
fn ten_receivers() {
    at_all_procs(|| {
        const N: usize = 1000;
        let (tx, rx) = chan::channel::<usize>(0);
        let seen: Arc<Vec<AtomicUsize>> = Arc::new((0..N).map(|_| AtomicUsize::new(0)).collect());
        let wg = WaitGroup::new();
        for _ in 0..10 {
            wg.add(1);
            go!([wg, rx, seen], {
                for i in rx {
                    seen[i].fetch_add(1, SeqCst);
                }
                wg.done();
            });
        }
        for i in 0..N {
            tx.send(i);
        }
        drop(tx);
        wg.wait();
        assert!(seen.iter().all(|n| n.load(SeqCst) == 1));
    });
}

/// `goprint.go`: the number of goroutines goes back when they have ended.
#[test]
fn goroutines_end() {
    at_all_procs(|| {
        let before = runtime::num_goroutine();
        let (tx, rx) = chan::channel(0);
        for i in 0..10 {
            go!([tx], tx.send(i));
        }
        drop(tx);
        assert_eq!(rx.iter().sum::<i32>(), 45);
        tests::eventually("the goroutines end", || runtime::num_goroutine() <= before);
    });
}

/// A worker that is parked in a receive keeps little stack in use, whatever the scheduler does with
/// its neighbours: 10,000 wait at once, then all are woken by one close.
#[test]
fn ten_thousand_wait() {
    at_procs(&[1, 4], || {
        let gate = make!(chan());
        let wg = WaitGroup::new();
        for _ in 0..10_000 {
            wg.add(1);
            go!([wg, gate = gate.receiver()], {
                gate.recv();
                wg.done();
            });
        }
        super::settle();
        gate.close();
        wg.wait();
    });
}
