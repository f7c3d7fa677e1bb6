//! After bytedance's `util/gopool` tests, and the faults of the original that ours must not have.

use goroutines::pool::{Config, Pool};
use goroutines::prelude::*;
use goroutines::sync::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use tests::{eventually, gang, panic_text};

fn threshold(n: usize) -> Config {
    Config { scale_threshold: n }
}

/// `TestPool`: every task runs, whoever adds it; then the workers are gone.
#[test]
fn every_task_runs_once() {
    let (pool, n, wg) = (
        Pool::new("test", 100, Config::default()),
        Arc::new(AtomicUsize::new(0)),
        WaitGroup::new(),
    );
    wg.add(4 * 500);
    gang(4, |_| {
        for _ in 0..500 {
            let (n, wg) = (n.clone(), wg.clone());
            pool.go(move || {
                n.fetch_add(1, SeqCst);
                wg.done();
            });
        }
    });
    wg.wait();
    assert_eq!(n.load(SeqCst), 2000);
    eventually("the workers end", || pool.worker_count() == 0);
}

/// Never more workers than the cap (the original overshoots), nor more tasks running.
#[test]
fn the_cap_is_hard() {
    const CAP: usize = 3;
    let (pool, wg) = (
        Pool::new("capped", CAP, Config::default()),
        WaitGroup::new(),
    );
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    gang(4, |_| {
        for _ in 0..200 {
            wg.add(1);
            let (running, most, wg) = (running.clone(), most.clone(), wg.clone());
            pool.go(move || {
                most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
                runtime::gosched();
                running.fetch_sub(1, SeqCst);
                wg.done();
            });
            assert!(pool.worker_count() <= CAP);
        }
    });
    wg.wait();
    assert!(most.load(SeqCst) <= CAP, "{most:?} at once");
    // And it is reached: as many tasks as that can wait for each other.
    let (meet, wg) = (WaitGroup::new(), WaitGroup::new());
    meet.add(CAP as i64);
    wg.add(CAP as i64);
    for _ in 0..CAP {
        let (meet, wg) = (meet.clone(), wg.clone());
        pool.go(move || {
            meet.done();
            meet.wait();
            wg.done();
        });
    }
    wg.wait();
}

/// A worker is started for the first task, then only with `scale_threshold` tasks queued; tasks run
/// in order.
#[test]
fn scaling() {
    let pool = Pool::new("lazy", 10, threshold(3));
    let (gate, closed) = chan::channel::<()>(0);
    let (order, wg) = (Arc::new(Mutex::new(Vec::new())), WaitGroup::new());
    let (first, started) = chan::channel(1);
    let mut expected_workers = Vec::new();
    for i in 0..4 {
        wg.add(1);
        let (closed, order, wg, first) = (closed.clone(), order.clone(), wg.clone(), first.clone());
        pool.go(move || {
            order.lock().push(i);
            if i == 0 {
                first.send(());
            }
            closed.recv();
            wg.done();
        });
        if i == 0 {
            started.recv();
        }
        expected_workers.push(pool.worker_count());
    }
    // Queued behind the first: 1, 2 (one worker is enough), 3 (a second one).
    assert_eq!(expected_workers, [1, 1, 1, 2]);
    // While the first task is held up, the second worker takes what was queued first. (Later two take turns.)
    eventually("both workers have a task", || order.lock().len() == 2);
    assert_eq!(*order.lock(), [0, 1]);
    drop(gate);
    wg.wait();
}

/// `TestPoolPanic`: the worker goes on; the handler gets the context and the panic; a panic in the
/// handler harms nobody.
#[test]
fn panics_are_handled() {
    let pool = Pool::new("panics", 1, Config::default());
    let (tx, seen) = chan::channel(8);
    pool.go(|| panic!("printed, for there is no handler yet"));
    eventually("the worker has printed it", || pool.worker_count() == 0);
    pool.set_panic_handler(move |ctx, panic| {
        tx.send((ctx.value::<u32>(&"id").copied(), panic.message()));
        panic!("in the handler");
    });
    let ctx = context::with_value(&context::background(), "id", 7_u32);
    pool.ctx_go(&ctx, || panic!("one"));
    pool.go(|| panic!("two"));
    assert_eq!(seen.recv(), Some((Some(7), "one".into())));
    assert_eq!(seen.recv(), Some((None, "two".into())));
    eventually("the worker ends", || pool.worker_count() == 0);
}

/// A task that ends its goroutine costs no worker (the original leaks a count), and what is queued
/// behind it runs.
#[test]
fn goexit_in_a_task() {
    let pool = Pool::new("exits", 1, Config::default());
    let (tx, rx) = chan::channel(4);
    for i in 0..3 {
        let tx = tx.clone();
        pool.go(move || {
            tx.send(i);
            runtime::goexit()
        });
    }
    for i in 0..3 {
        assert_eq!(rx.recv(), Some(i));
    }
    eventually("the workers end", || pool.worker_count() == 0);
}

/// A closed pool refuses new tasks and finishes the old ones; raising the cap counts at once.
#[test]
fn closing_and_raising_the_cap() {
    let pool = Pool::new("closed", 1, Config::default());
    let (gate, closed) = chan::channel::<()>(0);
    let (tx, rx) = chan::channel(4);
    for cap in [1, 2] {
        pool.set_cap(cap);
        let (closed, tx) = (closed.clone(), tx.clone());
        pool.go(move || {
            closed.recv();
            tx.send(());
        });
        assert_eq!(pool.worker_count(), cap);
    }
    pool.close();
    assert_eq!(panic_text(|| pool.go(|| ())), "use closed pool");
    drop((gate, tx));
    assert_eq!(rx.iter().count(), 2);
}
