//! The benchmark workloads on tokio: `rows WORKLOAD key=value ..`; `impl=kanal` takes kanal's channels for tokio's.
//!
//! Each workload runs as a task on the multi-threaded runtime, with `GOMAXPROCS` workers, so that nothing is measured
//! from the thread that blocks in `block_on`.

mod chan;
mod kanal_chan;
mod locks;
mod net;
mod sched;
mod spawn;
mod timers;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bench_kit::{Args, absent, procs};
use tokio::sync::Notify;

fn main() {
    let args = Args::from_env();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(procs())
        .enable_all()
        .build()
        .expect("a runtime");
    let done = runtime.spawn(run(args));
    if runtime.block_on(done).is_err() {
        std::process::exit(1);
    }
}

async fn run(args: Args) {
    let kanal = args.text("impl") == Some("kanal");
    match (args.workload.as_str(), kanal) {
        ("pingpong", true) => kanal_chan::pingpong(&args).await,
        ("ring", true) => kanal_chan::ring(&args).await,
        ("sieve", true) => kanal_chan::sieve(&args).await,
        ("chan", true) => kanal_chan::channel(&args).await,
        (_, true) => absent(),
        ("spawn", _) => spawn::spawn(&args).await,
        ("spawn_par", _) => spawn::spawn_par(&args).await,
        ("parked", _) => spawn::parked(&args).await,
        ("skynet", _) => spawn::skynet(&args).await,
        ("forkjoin", _) => spawn::forkjoin(&args).await,
        ("pingpong", _) => chan::pingpong(&args).await,
        ("ring", _) => chan::ring(&args).await,
        ("sieve", _) => chan::sieve(&args).await,
        ("chan", _) => chan::channel(&args).await,
        ("select", _) => chan::select(&args).await,
        ("select_default", _) => chan::select_default(&args).await,
        ("yield", _) => sched::yield_now(&args).await,
        ("hog", _) => sched::hog(&args).await,
        ("blocking", _) => sched::blocking(&args).await,
        ("parallel", _) => sched::parallel(&args).await,
        ("mutex", _) => locks::mutex(&args).await,
        ("rwmutex", _) => locks::rwmutex(&args).await,
        ("once", _) => locks::once(&args).await,
        ("sleepers", _) => timers::sleepers(&args).await,
        ("timer_ops", _) => timers::timer_ops(&args).await,
        ("lateness", _) => timers::lateness(&args).await,
        ("echo", _) => net::echo().await,
        ("echo_and_ticks", _) => net::echo_and_ticks(&args).await,
        ("http", _) => net::http().await,
        _ => absent(),
    }
}

/// What Go's `WaitGroup` does in these programs: wait until `count` tasks have said that they are done.
#[derive(Clone)]
struct Countdown(Arc<(AtomicUsize, Notify)>);

impl Countdown {
    fn new(count: usize) -> Self {
        Self(Arc::new((AtomicUsize::new(count), Notify::new())))
    }

    fn done(&self) {
        // AcqRel: what the others wrote before they were done is visible to who is told by the last of them.
        if self.0.0.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.1.notify_one();
        }
    }

    async fn wait(&self) {
        self.0.1.notified().await;
    }
}
