//! Who gets a turn, and when.

use crate::{Loops, compute, cpu, own_cpu, procs};
use goroutines::prelude::*;
use goroutines::sync::WaitGroup;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tests::{at_procs, eventually};

/// Sixteen loops and one that sleeps: it is not they who say when it wakes. Where a loop keeps its P
/// until it is done, they use seconds of CPU time for each sleep.
#[test]
fn a_sleeper_beside_loops() {
    at_procs(&[1, 2, 4], || {
        let loops = Loops::plain(16);
        loops.wait_for_a_round();
        let sleeps = 20;
        // Each sleep: the 5 ms, and at most a round of all loops and two slices.
        let most = Duration::from_millis(5 + 16 * 10 + 20) * sleeps;
        // While a machine keeps the sleeper's thread alone from a processor the loops go on: it must hold once.
        eventually("it wakes in time", || {
            let before = cpu();
            for _ in 0..sleeps {
                time::sleep(Duration::from_millis(5));
            }
            cpu() - before < most
        });
        loops.end();
    });
}

/// A pair that hands a value to and fro goes on beside more loops than there are processors, however
/// often it waits.
#[test]
fn a_pair_beside_loops() {
    at_procs(&[1, 2, 4], || {
        let loops = Loops::plain(24);
        loops.wait_for_a_round();
        let (ping, pong) = (make!(chan u32), make!(chan u32));
        go!([ping, pong], {
            for v in &ping {
                pong.send(v + 1);
            }
        });
        // As above.
        eventually("they go on", || {
            let before = cpu();
            for v in 0..500 {
                ping.send(v);
                assert_eq!(pong.recv(), Some(v + 1));
            }
            cpu() - before < Duration::from_secs(5)
        });
        ping.close();
        loops.end();
    });
}

/// GOMAXPROCS is the number of processors that are used, by loops too.
#[test]
fn no_more_than_gomaxprocs_execute() {
    at_procs(&[1], || {
        let loops = Loops::plain(8);
        loops.wait_for_a_round();
        let (begin, before) = (Instant::now(), cpu());
        for _ in 0..40 {
            time::sleep(Duration::from_millis(10));
        }
        // In this order: the loops go on between the two.
        let (used, time) = (cpu() - before, begin.elapsed());
        // The tests' own threads and sysmon use some as well.
        assert!(
            used < time * procs() * 13 / 10,
            "{used:?} of CPU in {time:?}"
        );
        loops.end();
    });
}

/// Every loop gets its turn again and again, marked or not.
#[test]
fn everybody_comes_round() {
    at_procs(&[1, 2, 4], || {
        let loops = Loops::plain(24);
        let marked = Loops::start(8, |_| marked());
        for _ in 0..4 {
            loops.wait_for_a_round();
            marked.wait_for_a_round();
        }
        loops.end();
        marked.end();
    });
}

#[goroutine]
fn marked() {
    for i in 0..1000 {
        std::hint::black_box(i);
    }
}

/// Tasks of five slices each, many more than may keep a thread: they end, and twice as many at most have begun
/// and not ended as may be (some are let begin because they have been kept back for long), and one for each P that was
/// just beginning another.
#[test]
fn tasks_of_some_slices_stay_on_few_threads() {
    at_procs(&[1, 2], || {
        const LIMIT: usize = 4;
        let old = goroutines::debug::set_max_hogs(LIMIT);
        let most = Arc::new(AtomicUsize::new(0));
        let wg = WaitGroup::new();
        for _ in 0..20 {
            let most = most.clone();
            wg.go(move || {
                let begin = own_cpu();
                while own_cpu() - begin < Duration::from_millis(50) {
                    compute(1000);
                }
                most.fetch_max(runtime::metrics().hogs, Ordering::Relaxed);
            });
        }
        wg.wait();
        goroutines::debug::set_max_hogs(old);
        let most = most.load(Ordering::Relaxed);
        let procs = runtime::gomaxprocs(0);
        assert!(most <= 2 * LIMIT + procs, "{most} hogs");
    });
}

/// A thousand endless loops, and others that begin after them.
#[test]
fn a_thousand_loops() {
    at_procs(&[2], || {
        let loops = Loops::plain(1000);
        for _ in 0..20 {
            time::sleep(Duration::from_millis(1));
            let (one, other) = (make!(chan u8, 1), make!(chan u8, 1));
            one.send(1);
            select! {
                _ = <-one => {}
                _ = <-other => {}
            }
        }
        loops.end();
    });
}

/// What has begun and was waiting goes on, although as many loops are under way as may be.
#[test]
fn who_was_waiting_is_not_kept_back() {
    at_procs(&[1], || {
        let old = goroutines::debug::set_max_hogs(1);
        let (ask, answer) = (make!(chan u32), make!(chan u32));
        go!([ask, answer], {
            for v in &ask {
                answer.send(v);
            }
        });
        ask.send(0);
        assert_eq!(answer.recv(), Some(0));
        let loops = Loops::plain(3);
        for v in 1..50 {
            time::sleep(Duration::from_micros(200));
            ask.send(v);
            assert_eq!(answer.recv(), Some(v));
        }
        ask.close();
        loops.end();
        goroutines::debug::set_max_hogs(old);
    });
}

/// Calls that are over at once give way: a loop of them needs no thread of its own for that.
#[test]
fn loops_of_short_calls() {
    at_procs(&[1], || {
        let (wg, c, m) = (
            WaitGroup::new(),
            Chan::<u8>::new(1),
            Arc::new(sync::Mutex::new(0)),
        );
        wg.add(1);
        let loops = Loops::start(6, move |i| match i % 3 {
            0 => {
                wg.add(1);
                wg.done();
            }
            1 => {
                let _ = (c.try_send(1), c.try_recv(), c.len());
            }
            _ => *m.lock() += 1,
        });
        for _ in 0..3 {
            loops.wait_for_a_round();
        }
        loops.end();
    });
}

/// The number of Ps changes while loops are paused, also to fewer than those that have a turn.
#[test]
fn gomaxprocs_changes_beside_loops() {
    at_procs(&[4], || {
        let loops = Loops::plain(12);
        for n in [1, 4, 2, 16, 1, 3] {
            runtime::gomaxprocs(n);
            loops.wait_for_a_round();
        }
        loops.end();
    });
}
