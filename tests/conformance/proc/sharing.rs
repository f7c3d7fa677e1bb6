//! Who runs when, and with whom.

use super::{alone, heads, spin_deaf_while, spin_while};
use goroutines::prelude::*;
use goroutines::time;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tests::{at_all_procs, at_procs};

/// `TestYieldProgress`: a goroutine that gives way all the time lets main go on.
#[test]
fn yield_progress() {
    at_all_procs(|| progress(false));
}

/// `TestYieldLockedProgress`: the same, bound to its thread.
#[test]
fn yield_locked_progress() {
    at_all_procs(|| progress(true));
}

fn progress(locked: bool) {
    let (c, stop) = (make!(chan bool), make!(chan bool));
    go!([c, stop], {
        if locked {
            runtime::lock_os_thread();
        }
        loop {
            select! {
                <-stop => break,
                default => runtime::gosched(),
            }
        }
        c.send(true);
    });
    for _ in 0..100 {
        runtime::gosched();
    }
    stop.send(true);
    c.recv();
}

/// `TestGoroutineParallelism`: as many goroutines as Ps hand a counter on by busy waiting, and so must
/// all run at once.
#[test]
fn goroutine_parallelism() {
    at_procs(&[2, 4], || parallelism(|f| spin_deaf_while(f)));
}

/// The same with one P: they take turns, because each answers when asked to give way, or loses its P.
#[test]
fn goroutine_parallelism_on_one_p() {
    at_procs(&[1], || parallelism(|f| spin_deaf_while(f)));
    at_procs(&[1], || parallelism(|f| spin_while(f)));
}

fn parallelism(wait: impl Fn(&dyn Fn() -> bool) + Send + Copy + 'static) {
    let p = runtime::gomaxprocs(0).max(2);
    for _ in 0..3 {
        let turn = Arc::new(AtomicUsize::new(0));
        let done = make!(chan());
        for id in 0..p {
            go!([turn, done], {
                for i in 0..3 {
                    wait(&|| turn.load(Ordering::SeqCst) != p * i + id);
                    turn.store(p * i + id + 1, Ordering::SeqCst);
                }
                done.send(());
            });
        }
        for _ in 0..p {
            done.recv();
        }
    }
}

/// `TestPreemption`: busy loops that call functions give way to each other, five of them on fewer Ps,
/// and to a goroutine that waits for all.
#[test]
fn preemption() {
    at_procs(&[1, 2, 4], || {
        const N: usize = 5;
        let turn = Arc::new(AtomicUsize::new(0));
        let c = make!(chan());
        for g in 0..N {
            go!([turn, c], {
                for i in 0..2 {
                    spin_while(|| turn.load(Ordering::SeqCst) != N * i + g);
                    turn.fetch_add(1, Ordering::SeqCst);
                }
                c.send(());
            });
        }
        for _ in 0..N {
            c.recv();
        }
    });
}

/// Not one of Go's, which has no limit here: many more endless loops than threads that may be kept by
/// them. Everybody still gets a turn.
#[test]
fn preemption_beyond_the_limit() {
    at_procs(&[1], || {
        let hogs = goroutines::debug::set_max_hogs(2);
        let turns: Arc<[AtomicUsize; 8]> = Arc::default();
        let stop = Arc::new(AtomicBool::new(false));
        let wg = WaitGroup::new();
        for g in 0..turns.len() {
            let (turns, stop) = (turns.clone(), stop.clone());
            wg.go(move || {
                spin_while(|| {
                    turns[g].fetch_add(1, Ordering::Relaxed);
                    !stop.load(Ordering::Relaxed)
                });
            });
        }
        while turns.iter().any(|t| t.load(Ordering::Relaxed) == 0) {
            runtime::gosched();
        }
        stop.store(true, Ordering::Relaxed);
        wg.wait();
        goroutines::debug::set_max_hogs(hogs);
    });
}

/// Loops that give way come back by the global queue, and what waits in the local one has its turn
/// before, whatever the scheduler has counted up to: every 61st time it looks at the global one first.
#[test]
fn the_local_queue_is_not_forgotten() {
    at_procs(&[1], || {
        for _ in 0..61 {
            let ran = Arc::new(AtomicBool::new(false));
            let wg = WaitGroup::new();
            let wait = ran.clone();
            wg.go(move || spin_while(|| !wait.load(Ordering::Relaxed)));
            let wait = ran.clone();
            go!([ran], ran.store(true, Ordering::Relaxed));
            // Runs first; then the other loop, with the one for whom both wait left in the queue.
            wg.go(move || spin_while(|| !wait.load(Ordering::Relaxed)));
            wg.wait();
        }
    });
}

/// `TestStopTheWorldDeadlock`, adapted (nothing stops the world here): GOMAXPROCS changes, dumps and
/// figures are taken while goroutines spin.
#[test]
fn changes_and_dumps_while_all_spin() {
    at_procs(&[3], || {
        let stop = Arc::new(AtomicBool::new(false));
        let wg = WaitGroup::new();
        for deaf in [true, false, false] {
            let stop = stop.clone();
            wg.go(move || {
                let go_on = || !stop.load(Ordering::Relaxed);
                if deaf {
                    spin_deaf_while(go_on);
                } else {
                    spin_while(go_on);
                }
            });
        }
        for i in 0..20 {
            runtime::gomaxprocs(1 + i % 5);
            assert!(heads(&runtime::stack_all()) >= 1);
            assert!(runtime::metrics().goroutines >= 4);
            runtime::gosched();
        }
        stop.store(true, Ordering::Relaxed);
        wg.wait();
    });
}

/// `TestNumGoroutine`: the count agrees with the dump.
#[test]
fn num_goroutine() {
    at_procs(&[2], || {
        alone();
        assert_eq!(heads(&runtime::stack_all()), 1);
        let c = make!(chan());
        for _ in 0..7 {
            go!([rx = c.receiver()], {
                rx.recv();
            });
        }
        assert_eq!(runtime::num_goroutine(), 8);
        assert_eq!(heads(&runtime::stack_all()), 8);
        c.close();
        alone();
    });
}

/// `TestPingPongHog`: a pair that hands a channel to and fro shares one time slice, so that pairs with
/// long turns do not get more of the processor than pairs with short ones, by a factor of 20.
#[test]
fn ping_pong_hog() {
    // By the clock of a busy machine shares may be skewed for a while: it must hold once.
    at_procs(&[1], || {
        tests::eventually("both have their shares", || {
            let (hog, light) = hog_and_light();
            hog / 20 <= light && light / 20 <= hog
        });
    });
}

fn hog_and_light() -> (usize, usize) {
    let done = make!(chan());
    let counts: Arc<[AtomicUsize; 2]> = Arc::default();
    let wg = WaitGroup::new();
    let wakes = [make!(chan()), make!(chan())];
    for (i, limit) in [(0, 200_000), (1, 200)] {
        for _ in 0..2 {
            let (done, wake, counts) = (done.clone(), wakes[i].clone(), counts.clone());
            wg.go(move || {
                loop {
                    select! {
                        <-done => return,
                        <-wake => {
                            for _ in 0..limit {
                                counts[i].fetch_add(1, Ordering::Relaxed);
                            }
                            select! {
                                wake <- () => {},
                                <-done => return,
                            }
                        },
                    }
                }
            });
        }
    }
    wakes.iter().for_each(|w| w.send(()));
    time::sleep(Duration::from_millis(150));
    done.close();
    wg.wait();
    (
        counts[0].load(Ordering::Relaxed),
        counts[1].load(Ordering::Relaxed),
    )
}

/// A goroutine that never blocks does not keep those in the global queue waiting: it is looked at
/// every 61st time.
#[test]
fn the_global_queue_is_not_forgotten() {
    at_procs(&[1], || {
        let seen = Arc::new(AtomicBool::new(false));
        let (a, b) = (make!(chan()), make!(chan()));
        let stop = make!(chan());
        let wg = WaitGroup::new();
        for (tx, rx) in [(a.clone(), b.clone()), (b, a.clone())] {
            let stop = stop.clone();
            wg.go(move || {
                loop {
                    select! {
                        <-stop => return,
                        <-rx => {},
                    }
                    select! {
                        <-stop => return,
                        tx <- () => {},
                    }
                }
            });
        }
        a.send(());
        // From a plain thread it goes to the global queue.
        let other = seen.clone();
        std::thread::spawn(move || go!([other], other.store(true, Ordering::Relaxed)))
            .join()
            .unwrap();
        tests::eventually("it runs", || {
            runtime::gosched();
            seen.load(Ordering::Relaxed)
        });
        stop.close();
        wg.wait();
    });
}
