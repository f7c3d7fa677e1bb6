//! `cargo bench -p benches`: single operations that nobody else disturbs, the floor under the workloads.
//!
//! They run on a plain thread, where the same code blocks a thread in place of a goroutine; none of them blocks.

use divan::{Bencher, black_box};
use goroutines::select;
use goroutines::sync::{Mutex, Once, RWMutex, WaitGroup};

fn main() {
    divan::main();
}

mod chan {
    use super::*;
    use goroutines::chan::Chan;

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

mod sync {
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
