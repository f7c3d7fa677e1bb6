//! The benchmark workloads on may: `rows WORKLOAD key=value ..`; `impl=sem` takes bounded channels made of semaphores.
//!
//! Each workload runs as a coroutine, with `GOMAXPROCS` workers.

mod chan;
mod locks;
mod net;
mod sched;
mod sem_chan;
mod spawn;
mod timers;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bench_kit::{Args, absent, procs};
use may::go;
use may::sync::Semphore;

fn main() {
    let args = Args::from_env();
    may::config().set_workers(procs());
    if go!(move || run(&args)).join().is_err() {
        std::process::exit(1);
    }
}

fn run(args: &Args) {
    let sem = args.text("impl") == Some("sem");
    match (args.workload.as_str(), sem) {
        ("pingpong", true) => sem_chan::pingpong(args),
        ("chan", true) => sem_chan::channel(args),
        (_, true) => absent(),
        ("spawn", _) => spawn::spawn(args),
        ("spawn_par", _) => spawn::spawn_par(args),
        ("parked", _) => spawn::parked(args),
        ("skynet", _) => spawn::skynet(args),
        ("forkjoin", _) => spawn::forkjoin(args),
        ("pingpong", _) => chan::pingpong(args),
        ("ring", _) => chan::ring(args),
        ("sieve", _) => chan::sieve(args),
        ("chan", _) => chan::channel(args),
        ("select", _) => chan::select(args),
        ("select_default", _) => chan::select_default(args),
        ("yield", _) => sched::yield_now(args),
        ("hog", _) => sched::hog(args),
        ("blocking", _) => sched::blocking(args),
        ("parallel", _) => sched::parallel(args),
        ("mutex", _) => locks::mutex(args),
        ("rwmutex", _) => locks::rwmutex(args),
        ("waitgroup", _) => locks::waitgroup(args),
        ("sleepers", _) => timers::sleepers(args),
        ("lateness", _) => timers::lateness(args),
        ("echo", _) => net::echo(),
        ("http", _) => net::http(),
        _ => absent(),
    }
}

/// What Go's `WaitGroup` does in these programs: wait until `count` coroutines have said that they are done. (may's own
/// `WaitGroup` counts its clones under a mutex and would be much of what the spawn rows measure.)
#[derive(Clone)]
struct Countdown(Arc<(AtomicUsize, Semphore)>);

impl Countdown {
    fn new(count: usize) -> Self {
        Self(Arc::new((AtomicUsize::new(count), Semphore::new(0))))
    }

    fn done(&self) {
        // AcqRel: what the others wrote before they were done is visible to who is told by the last of them.
        if self.0.0.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.1.post();
        }
    }

    fn wait(&self) {
        self.0.1.wait();
    }
}
