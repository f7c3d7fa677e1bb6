//! `cargo bench -p benches`: single operations that nobody else disturbs, the floor under the workloads.
//!
//! Everything runs in one goroutine on one P, so a switch is a switch and never a wake of another thread.

use divan::{Bencher, black_box};
use goroutines::prelude::*;
use goroutines::sync::{Mutex, Once, RWMutex};

#[goroutine(procs = 1)]
fn main() {
    divan::main();
}

mod sched {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

    /// Through the scheduler and back to oneself: nobody else wants to run.
    #[divan::bench]
    fn yield_alone(bencher: Bencher) {
        bencher.bench_local(runtime::gosched);
    }

    /// To another goroutine, which yields at once, and back: two switches.
    #[divan::bench]
    fn yield_to_another(bencher: Bencher) {
        let stop = Arc::new(AtomicBool::new(false));
        go!(
            [stop],
            while !stop.load(Relaxed) {
                runtime::gosched();
            }
        );
        bencher.bench_local(runtime::gosched);
        stop.store(true, Relaxed);
    }

    /// Start a goroutine and let it run to its end, on a warm stack.
    #[divan::bench]
    fn spawn_and_finish(bencher: Bencher) {
        bencher.bench_local(|| {
            go!({ black_box(1) });
            runtime::gosched();
        });
    }

    #[divan::bench]
    fn spawn_and_join(bencher: Bencher) {
        bencher.bench_local(|| spawn(|| black_box(1)).join().is_ok());
    }

    /// A value to another goroutine over an unbuffered channel, and its answer: both sides park in each turn.
    #[divan::bench]
    fn round_trip(bencher: Bencher) {
        let (ping, pinged) = chan::channel(0);
        let (pong, ponged) = chan::channel(0);
        go!({
            for v in pinged {
                pong.send(v);
            }
        });
        bencher.bench_local(|| {
            ping.send(black_box(1_usize));
            ponged.recv()
        });
    }
}

mod channels {
    use super::*;

    /// Buffered, with room and with a value: one lock each way.
    #[divan::bench]
    fn send_and_recv(bencher: Bencher) {
        let c = Chan::new(1);
        bencher.bench_local(|| {
            c.send(black_box(1_usize));
            c.recv()
        });
    }

    #[divan::bench]
    fn try_recv_empty(bencher: Bencher) {
        let c = Chan::<usize>::new(1);
        bencher.bench_local(|| c.try_recv().is_err());
    }

    #[divan::bench]
    fn create_and_drop() -> Chan<usize> {
        Chan::new(black_box(1))
    }

    #[divan::bench]
    fn clone_and_drop(bencher: Bencher) {
        let c = Chan::<usize>::new(1);
        bencher.bench_local(|| c.sender());
    }

    #[divan::bench]
    fn select_one_of_two_ready(bencher: Bencher) {
        let (a, b) = (Chan::new(1), Chan::<usize>::new(1));
        bencher.bench_local(|| {
            a.send(black_box(1_usize));
            select! {
                v = <-a => v,
                v = <-b => v,
            }
        });
    }

    #[divan::bench]
    fn select_default_of_two(bencher: Bencher) {
        let (a, b) = (Chan::<usize>::new(1), Chan::<usize>::new(1));
        bencher.bench_local(|| {
            select! {
                v = <-a => v,
                v = <-b => v,
                default => None,
            }
        });
    }
}

mod locks {
    use super::*;

    #[divan::bench]
    fn mutex(bencher: Bencher) {
        let mutex = Mutex::new(0_usize);
        bencher.bench_local(|| *mutex.lock() += 1);
    }

    #[divan::bench]
    fn rwmutex_read(bencher: Bencher) {
        let lock = RWMutex::new(0_usize);
        bencher.bench_local(|| *lock.read());
    }

    #[divan::bench]
    fn rwmutex_write(bencher: Bencher) {
        let lock = RWMutex::new(0_usize);
        bencher.bench_local(|| *lock.write() += 1);
    }

    #[divan::bench]
    fn waitgroup_add_done(bencher: Bencher) {
        let wg = WaitGroup::new();
        bencher.bench_local(|| {
            wg.add(1);
            wg.done();
        });
    }

    #[divan::bench]
    fn once_done(bencher: Bencher) {
        let once = Once::new();
        bencher.bench_local(|| black_box(&once).do_(|| ()));
    }
}

mod timers {
    use super::*;
    use goroutines::time::{HOUR, Timer};

    #[divan::bench]
    fn create_and_stop(bencher: Bencher) {
        bencher.bench_local(|| Timer::new(HOUR).stop());
    }

    #[divan::bench]
    fn reset(bencher: Bencher) {
        let timer = Timer::new(HOUR);
        bencher.bench_local(|| timer.reset(HOUR));
    }

    /// With 10,000 other timers in the heap.
    #[divan::bench]
    fn reset_among_many(bencher: Bencher) {
        let others: Vec<_> = (1..=10_000).map(|i| Timer::new(HOUR + HOUR / i)).collect();
        let timer = Timer::new(HOUR);
        bencher.bench_local(|| timer.reset(HOUR));
        drop(others);
    }
}

/// gopool's own benchmark: 10,000 tasks, each 100 calls deep, in a pool of GOMAXPROCS workers and each in
/// a goroutine of its own.
mod gopool {
    use super::*;
    use goroutines::pool::{Config, Pool};

    const TASKS: i64 = 10_000;

    fn deep(n: u32) -> u32 {
        if black_box(n) == 0 {
            0
        } else {
            1 + deep(n - 1)
        }
    }

    fn all(start: impl Fn(WaitGroup)) {
        let wg = WaitGroup::new();
        wg.add(TASKS);
        for _ in 0..TASKS {
            start(wg.clone());
        }
        wg.wait();
    }

    #[divan::bench]
    fn pool(bencher: Bencher) {
        let pool = Pool::new("bench", runtime::gomaxprocs(0), Config::default());
        bencher.bench_local(|| {
            all(|wg| {
                pool.go(move || {
                    black_box(deep(100));
                    wg.done();
                });
            });
        });
    }

    #[divan::bench]
    fn go(bencher: Bencher) {
        bencher.bench_local(|| {
            all(|wg| {
                go!({
                    black_box(deep(100));
                    wg.done();
                });
            });
        });
    }
}
