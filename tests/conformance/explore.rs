//! `testing::explore`: mistakes that need a certain order are found, and a seed repeats it.

use goroutines::prelude::*;
use goroutines::sync::{Mutex, RWMutex};
use goroutines::testing::{explore, replay};
use goroutines::time::{self, HOUR};
use goroutines::{recover, spawn};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::SeqCst};
use tests::panic_text;

/// Explores until `f` fails, replays what failed, and returns how it failed then.
fn found(f: impl Fn() + Clone + Send + Sync + 'static) -> String {
    let text = panic_text(|| explore(5000, f.clone()));
    let seed = text.strip_prefix("seed ").and_then(|t| t.split(' ').next());
    let seed: u64 = seed.and_then(|s| s.parse().ok()).expect(&text);
    assert!(
        text.contains(&format!("testing::replay({seed}, ..)")),
        "{text}"
    );
    let (once, twice) = (f.clone(), f);
    let again = panic_text(|| replay(seed, once));
    assert!(text.contains(&again), "{text:?} and then {again:?}");
    assert_eq!(panic_text(|| replay(seed, twice)), again);
    again
}

#[test]
fn every_run_is_run() {
    let runs = Arc::new(AtomicUsize::new(0));
    let count = runs.clone();
    explore(50, move || {
        count.fetch_add(1, SeqCst);
    });
    assert_eq!(runs.load(SeqCst), 50);
    assert_eq!(replay(7, || "a result"), "a result");
}

#[test]
fn a_lost_update_is_found() {
    let text = found(|| {
        let n = Arc::new(Mutex::new(0));
        let wg = WaitGroup::new();
        for _ in 0..3 {
            let n = n.clone();
            wg.go(move || {
                let old = *n.lock();
                *n.lock() = old + 1;
            });
        }
        wg.wait();
        assert_eq!(*n.lock(), 3, "an update was lost");
    });
    assert!(text.contains("an update was lost"), "{text}");
}

/// Under one lock it is right under every schedule.
#[test]
fn what_is_right_is_not_accused() {
    explore(300, || {
        let n = Arc::new(RWMutex::new(0));
        let (tx, rx) = chan::channel(1);
        for _ in 0..3 {
            go!([tx, n], {
                *n.write() += 1;
                tx.send(*n.read());
                time::sleep(HOUR);
            });
        }
        drop(tx);
        let seen: Vec<u32> = rx.iter().collect();
        assert!(
            seen.len() == 3 && seen.iter().all(|&v| (1..=3).contains(&v)),
            "{seen:?}"
        );
        assert_eq!(*n.read(), 3);
    });
}

/// Two locks in two orders.
#[test]
fn a_deadlock_of_locks_is_found() {
    let text = found(|| {
        let locks = Arc::new((Mutex::new(()), Mutex::new(())));
        let other = locks.clone();
        let h = spawn(move || {
            let _b = other.1.lock();
            let _a = other.0.lock();
        });
        let a = locks.0.lock();
        let b = locks.1.lock();
        drop((a, b));
        h.join().unwrap();
    });
    assert_eq!(text, "deadlock: all goroutines in bubble are blocked");
}

/// A `done` that may come before the value.
#[test]
fn a_race_of_select_arms_is_found() {
    let text = found(|| {
        let (values, done) = (make!(chan u32, 1), make!(chan()));
        go!([values, done], {
            values.send(1);
            done.close();
        });
        let mut got = 0;
        loop {
            select! {
                Some(v) = <-values else break => got += v,
                <-done => break,
            }
        }
        assert_eq!(got, 1, "done overtook the value");
    });
    assert!(text.contains("done overtook the value"), "{text}");
}

/// Everything that happens in a run, in order, is the seed's.
#[test]
fn a_seed_decides_everything() {
    fn run() -> Vec<(u32, u32)> {
        let log = Arc::new(Mutex::new(Vec::new()));
        let (tx, rx) = chan::channel::<u32>(2);
        let stop = make!(chan());
        let wg = WaitGroup::new();
        for who in 0..4 {
            let (tx, log, stop) = (tx.clone(), log.clone(), stop.clone());
            wg.go(move || {
                for i in 0..5 {
                    select! {
                        tx <- i => log.lock().push((who, i)),
                        <-time::after(time::MILLISECOND) => log.lock().push((who, 100 + i)),
                        <-stop => log.lock().push((who, 200 + i)),
                    }
                    if i % 2 == 0 {
                        time::sleep(time::MILLISECOND);
                    }
                    runtime::gosched();
                }
            });
        }
        drop(tx);
        let taker = {
            let log = log.clone();
            spawn(move || {
                for v in rx.iter().take(7) {
                    log.lock().push((9, v));
                }
                stop.close();
            })
        };
        wg.wait();
        taker.join().unwrap();
        let log = log.lock();
        log.clone()
    }
    let mut different = 0;
    for seed in 0..40 {
        let first = replay(seed, run);
        assert_eq!(replay(seed, run), first, "seed {seed}");
        // While everything else is busy.
        let others: Vec<_> = (0..3).map(|_| spawn(move || replay(seed, run))).collect();
        for h in others {
            assert_eq!(h.join().unwrap(), first, "seed {seed}, beside others");
        }
        different += usize::from(first != replay(seed + 1, run));
    }
    assert!(different > 30, "the schedules differ: {different} of 40");
}

/// Only one runs at a time, whatever the number of processors.
#[test]
fn one_at_a_time() {
    explore(20, || {
        let inside = Arc::new(AtomicU32::new(0));
        scope(|s| {
            for _ in 0..4 {
                s.go(|| {
                    for _ in 0..50 {
                        assert_eq!(inside.fetch_add(1, SeqCst), 0, "two at once");
                        std::hint::spin_loop();
                        inside.fetch_sub(1, SeqCst);
                        runtime::gosched();
                    }
                });
            }
        });
    });
}

/// What blocks outside of the runtime's sight keeps its turn; files, sockets.
#[test]
fn input_and_output_work_in_a_run() {
    use std::io::{Read, Write};
    let run = || {
        let listener = goroutines::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let server = spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buf = [0; 4];
            stream.read_exact(&mut buf).unwrap();
            runtime::blocking(std::thread::yield_now);
            stream.write_all(&buf).unwrap();
        });
        let mut client = goroutines::net::TcpStream::connect(addr).unwrap();
        client.write_all(b"ping").unwrap();
        let mut buf = [0; 4];
        client.read_exact(&mut buf).unwrap();
        assert_eq!(&buf, b"ping");
        server.join().unwrap();
    };
    // With one P, who looks at the network in passing finds what is for the bubble.
    tests::at_procs(&[1, 2], || explore(20, run));
}

#[test]
fn a_run_is_no_place_for_another() {
    let text = panic_text(|| replay(1, || explore(1, || ())));
    assert_eq!(text, "synctest.Run called from within a synctest bubble");
    let exits = recover(|| explore(3, || runtime::goexit())).unwrap_err();
    assert!(exits.message().contains("goroutine exited"), "{exits}");
}
