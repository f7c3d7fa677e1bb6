//! Goroutines that stay on a thread which they share: `Builder::stay`.

use super::{alone, spin_deaf_while, thread_id};
use goroutines::Builder;
use goroutines::prelude::*;
use goroutines::sync::WaitGroup;
use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use tests::{at_all_procs, at_procs};

#[track_caller]
fn stay<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> goroutines::JoinHandle<T> {
    Builder::new().stay().spawn(f)
}

thread_local! {
    static TALLY: Rc<Cell<u64>> = Rc::default();
}

/// Whatever they wait for, they come back to the same thread; and all have no more threads than may run at once.
#[test]
fn they_come_back_to_their_threads() {
    at_all_procs(|| {
        let mutex = Arc::new(sync::Mutex::new(0));
        let (a, b) = (Chan::<usize>::new(0), Chan::<usize>::new(100));
        let all: Vec<_> = (0..100)
            .map(|i| {
                let (mutex, a, b) = (mutex.clone(), a.clone(), b.clone());
                stay(move || {
                    let home = thread_id();
                    // Not `Send`, over all that follows.
                    let tally = TALLY.with(Rc::clone);
                    for _ in 0..20 {
                        runtime::gosched();
                        b.send(i);
                        *mutex.lock() += 1;
                        if i % 2 == 0 {
                            a.send(i);
                        } else {
                            a.recv();
                        }
                        time::sleep(time::MICROSECOND);
                        b.recv();
                        tally.set(tally.get() + 1);
                        assert_eq!(thread_id(), home);
                    }
                    home
                })
            })
            .collect();
        let homes: HashSet<_> = all.into_iter().map(|g| g.join().unwrap()).collect();
        assert_eq!(*mutex.lock(), 2_000);
        let procs = runtime::gomaxprocs(0);
        assert!(homes.len() <= procs, "{homes:?} for {procs}");
        alone();
    });
}

/// Two who wake each other for ever do not keep an ordinary goroutine from its turn, nor the other way round.
#[test]
fn nobody_is_shut_out() {
    at_procs(&[1, 2], || {
        let stop = Arc::new(AtomicBool::new(false));
        let wg = WaitGroup::new();
        for stays in [true, false] {
            let (there, back) = (Chan::<()>::new(0), Chan::<()>::new(0));
            let (other_there, other_back, stop) = (there.clone(), back.clone(), stop.clone());
            let builder = || {
                let builder = Builder::new();
                if stays { builder.stay() } else { builder }
            };
            wg.add(2);
            let (one, other) = (wg.clone(), wg.clone());
            drop(builder().spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    there.send(());
                    back.recv();
                }
                there.close();
                one.done();
            }));
            drop(builder().spawn(move || {
                for () in &other_there {
                    other_back.send(());
                }
                other.done();
            }));
        }
        for _ in 0..5 {
            spawn(|| ()).join().unwrap();
            stay(|| ()).join().unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        wg.wait();
        alone();
    });
}

/// One that blocks its thread, or computes without an end, keeps no ordinary goroutine waiting.
#[test]
fn a_blocked_home_blocks_no_others() {
    at_procs(&[1, 2], || {
        let (tx, rx) = mpsc::channel();
        let blocks = stay(move || rx.recv().unwrap());
        spawn(move || tx.send(7).unwrap()).join().unwrap();
        assert_eq!(blocks.join().unwrap(), 7);

        let done = Arc::new(AtomicBool::new(false));
        let seen = done.clone();
        let computes = stay(move || spin_deaf_while(|| !seen.load(Ordering::Relaxed)));
        spawn(move || done.store(true, Ordering::Relaxed))
            .join()
            .unwrap();
        computes.join().unwrap();
        alone();
    });
}

struct Waits(Receiver<()>);

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.recv();
    }
}

/// std counts panics by thread: while one waits in a destructor, the others of its thread do not run, or each would
/// look as if it panicked.
#[test]
fn who_panics_has_the_thread() {
    at_procs(&[1], || {
        let (release, gate) = chan::channel::<()>(0);
        let panics = stay(move || {
            let _waits = Waits(gate);
            panic!("on its way");
        });
        let beside = stay(|| {
            runtime::gosched();
            std::thread::panicking()
        });
        for _ in 0..100 {
            runtime::gosched();
        }
        release.send(());
        assert!(panics.join().is_err());
        assert!(!beside.join().unwrap());
        assert!(!stay(std::thread::panicking).join().unwrap());
        alone();
    });
}

/// One that locks the thread has it to itself meanwhile. If it ends so, the thread goes on: others live there.
#[test]
fn a_lock_is_for_a_while() {
    at_procs(&[1], || {
        let (entered, inside) = chan::channel::<String>(0);
        let (release, gate) = chan::channel::<()>(0);
        let locks = stay(move || {
            runtime::lock_os_thread();
            entered.send(thread_id());
            gate.recv();
        });
        let home = inside.recv().unwrap();
        let beside = stay(thread_id);
        for _ in 0..100 {
            runtime::gosched();
        }
        assert!(!beside.is_finished(), "the thread is locked");
        release.send(());
        locks.join().unwrap();
        assert_eq!(beside.join().unwrap(), home);
        assert_eq!(stay(thread_id).join().unwrap(), home);
        #[cfg(target_os = "linux")]
        assert!(super::thread_exists(&home));
        alone();
    });
}

/// GOMAXPROCS changes below them.
#[test]
fn processors_come_and_go() {
    at_procs(&[1, 4], || {
        let stop = Arc::new(AtomicBool::new(false));
        let all: Vec<_> = (0..20)
            .map(|i| {
                let stop = stop.clone();
                stay(move || {
                    let home = thread_id();
                    while !stop.load(Ordering::Relaxed) {
                        if i % 2 == 0 {
                            time::sleep(time::MICROSECOND);
                        }
                        runtime::gosched();
                        assert_eq!(thread_id(), home);
                    }
                })
            })
            .collect();
        let before = runtime::gomaxprocs(0);
        for n in [3, 1, 8, 2, 1, 5].into_iter().cycle().take(60) {
            runtime::gomaxprocs(n);
            time::sleep(100 * time::MICROSECOND);
        }
        runtime::gomaxprocs(before);
        stop.store(true, Ordering::Relaxed);
        for g in all {
            g.join().unwrap();
        }
        alone();
    });
}
