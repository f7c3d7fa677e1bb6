//! After `runtime/chan_test.go` and `chanbarrier_test.go`: races between operations.

use super::at_all_procs;
use goroutines::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

const ROUNDS: usize = 3000;

/// `TestNonblockRecvRace`: a receive with `default` against a close. The channel is never empty and
/// open at once.
#[test]
fn nonblocking_receive_against_close() {
    at_all_procs(|| {
        let missed = make!(chan bool, 1);
        for _ in 0..ROUNDS {
            let c = make!(chan i32, 1);
            c.send(1);
            go!([c, missed], {
                missed.send(select! { _ = <-c => false, default => true })
            });
            c.close();
            c.recv();
            assert_eq!(missed.recv(), Some(false), "not ready");
        }
    });
}

/// `TestNonblockSelectRace`: two channels, one of which is ready at every moment.
#[test]
fn nonblocking_select_against_moving_readiness() {
    at_all_procs(|| {
        let ok = make!(chan bool, 1);
        for _ in 0..ROUNDS {
            let (c1, c2) = (make!(chan i32, 1), make!(chan i32, 1));
            c1.send(1);
            go!([c1, c2, ok], {
                ok.send(select! { _ = <-c2 => true, _ = <-c1 => true, default => false })
            });
            c2.send(1);
            select! { _ = <-c1 => {}, default => {} }
            assert_eq!(ok.recv(), Some(true), "no channel is ready");
        }
    });
}

/// `TestNonblockSelectRace2`: the same with a close.
#[test]
fn nonblocking_select_against_close() {
    at_all_procs(|| {
        let ok = make!(chan bool, 1);
        for _ in 0..ROUNDS {
            let (c1, c2) = (make!(chan i32, 1), make!(chan i32));
            c1.send(1);
            go!([c1, c2, ok], {
                ok.send(select! { _ = <-c2 => true, _ = <-c1 => true, default => false })
            });
            c2.close();
            select! { _ = <-c1 => {}, default => {} }
            assert_eq!(ok.recv(), Some(true), "no channel is ready");
        }
    });
}

/// `TestSelfSelect`: goroutines that send and receive on one channel in one select get each other's
/// values, and without a buffer never their own.
#[test]
fn self_select() {
    at_all_procs(|| {
        for cap in [0, 10] {
            let wg = WaitGroup::new();
            let c = make!(chan usize, cap);
            for p in 0..2 {
                wg.add(1);
                go!([wg, c], {
                    for i in 0..1000 {
                        let receive_first = p == 0 || i % 2 == 0;
                        let got = if receive_first {
                            select! { v = <-c => v, c <- p => None }
                        } else {
                            select! { c <- p => None, v = <-c => v }
                        };
                        assert!(cap > 0 || got != Some(p), "received from itself");
                    }
                    wg.done();
                });
            }
            // Unbuffered, every exchange takes one operation of each of the two.
            wg.wait();
        }
    });
}

/// `TestSelectStress`: four channels; plain senders and receivers against selects that strike out a
/// channel when they are through with it.
#[test]
fn select_stress() {
    const N: usize = 2000;
    at_all_procs(|| {
        let c: [Chan<usize>; 4] = [
            make!(chan usize),
            make!(chan usize),
            make!(chan usize, 2),
            make!(chan usize, 3),
        ];
        let wg = WaitGroup::new();
        for ch in &c {
            wg.add(2);
            go!([wg, tx = ch.sender()], {
                for i in 0..N {
                    tx.send(i);
                }
                wg.done();
            });
            go!([wg, rx = ch.receiver()], {
                for _ in 0..N {
                    rx.recv().unwrap();
                }
                wg.done();
            });
        }
        wg.add(2);
        go!([wg, c], {
            let mut left = [N; 4];
            let mut c = c.map(Some);
            while c.iter().any(Option::is_some) {
                let i = select! {
                    c[3] <- 0 => 3,
                    c[2] <- 0 => 2,
                    c[0] <- 0 => 0,
                    c[1] <- 0 => 1,
                };
                left[i] -= 1;
                if left[i] == 0 {
                    c[i] = None;
                }
            }
            wg.done();
        });
        go!([wg, c], {
            let mut left = [N; 4];
            let mut c = c.map(Some);
            while c.iter().any(Option::is_some) {
                let i = select! {
                    _ = <-c[0] => 0,
                    _ = <-c[1] => 1,
                    _ = <-c[2] => 2,
                    _ = <-c[3] => 3,
                };
                left[i] -= 1;
                if left[i] == 0 {
                    c[i] = None;
                }
            }
            wg.done();
        });
        wg.wait();
    });
}

/// `TestSelectFairness`: of four arms two are always ready; each is taken about half of the time.
#[test]
fn select_fairness() {
    const TRIALS: usize = 10_000;
    at_all_procs(|| {
        let (c1, c2) = (make!(chan u8, TRIALS + 1), make!(chan u8, TRIALS + 1));
        for _ in 0..=TRIALS {
            c1.send(1);
            c2.send(2);
        }
        let (c3, c4) = (make!(chan u8), make!(chan u8));
        let (out, done) = (make!(chan u8), make!(chan bool));
        let wg = WaitGroup::new();
        wg.add(1);
        go!([wg, out, done, c1, c2], {
            loop {
                let b = select! {
                    b = <-c3 => b,
                    b = <-c4 => b,
                    b = <-c1 => b,
                    b = <-c2 => b,
                };
                select! {
                    out <- b.unwrap() => {},
                    <-done => break,
                }
            }
            wg.done();
        });
        let mut counts = [0.0_f64; 2];
        for _ in 0..TRIALS {
            counts[usize::from(out.recv().unwrap()) - 1] += 1.0;
        }
        // Ten standard deviations of a fair coin.
        let allowed = 10.0 * (TRIALS as f64 * 0.25).sqrt();
        let off = (counts[0] - TRIALS as f64 / 2.0).abs();
        assert!(off < allowed, "unfair: {counts:?}");
        done.close();
        wg.wait();
    });
}

/// `TestPseudoRandomSend`: two send arms on one channel are both taken.
#[test]
fn pseudo_random_send() {
    const N: usize = 100;
    at_all_procs(|| {
        for cap in [0, N] {
            let c = make!(chan usize, cap);
            let result = make!(chan [usize; 2]);
            go!([c, result], {
                let mut counts = [0; 2];
                for _ in 0..N {
                    counts[c.recv().unwrap()] += 1;
                }
                result.send(counts);
            });
            for _ in 0..N {
                select! { c <- 0 => {}, c <- 1 => {} }
            }
            let counts = result.recv().unwrap();
            assert!(counts.iter().all(|&n| n > N / 10), "{counts:?}");
        }
    });
}

/// `TestSelectDuplicateChannel`: a select that waits twice on one channel leaves the queue intact
/// when it is served by another.
#[test]
fn select_duplicate_channel() {
    at_all_procs(|| {
        let (c, d, e) = (make!(chan i32), make!(chan i32), make!(chan i32));
        go!([c, d, e], {
            select! { _ = <-c => {}, _ = <-c => {}, _ = <-d => {} }
            e.send(9);
        });
        super::settle();
        // Queued behind the duplicate ...
        go!([c], {
            c.recv();
        });
        super::settle();
        // ... whose select now ends, taking both of its places out of the queue of `c`.
        d.send(7);
        assert_eq!(e.recv(), Some(9));
        c.send(8);
    });
}

/// `TestChanSendSelectBarrier`, without its memory pressure: requests and replies through selects,
/// with values that live on the heap.
#[test]
fn request_and_reply_through_select() {
    type Response = Box<String>;
    struct Request {
        id: usize,
        reply: Chan<Response>,
    }
    at_all_procs(|| {
        let requests = make!(chan Request);
        let quit = make!(chan());
        go!([requests, quit], {
            loop {
                select! {
                    r = <-requests => {
                        let Request { id, reply } = r.unwrap();
                        go!([quit], select! {
                            reply <- Box::new(format!("reply {id}")) => {},
                            <-quit => {},
                        });
                    },
                    <-quit => return,
                }
            }
        });
        let right = Arc::new(AtomicUsize::new(0));
        let wg = WaitGroup::new();
        for g in 0..50 {
            wg.add(1);
            go!([wg, requests, quit, right], {
                for i in 0..40 {
                    let (id, reply) = (g * 1000 + i, make!(chan Response));
                    select! {
                        requests <- Request { id, reply: reply.clone() } => {},
                        <-quit => return,
                    }
                    let answer = select! { a = <-reply => a, <-quit => return };
                    right.fetch_add(
                        usize::from(*answer.unwrap() == format!("reply {id}")),
                        SeqCst,
                    );
                }
                wg.done();
            });
        }
        wg.wait();
        quit.close();
        assert_eq!(right.load(SeqCst), 50 * 40);
    });
}
