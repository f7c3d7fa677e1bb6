//! The benchmark workloads on tokio: `rows WORKLOAD key=value ..`; `impl=kanal` (or `flume`, `async-channel`) takes that
//! crate's channels for tokio's.
//!
//! Each workload runs as a task on the multi-threaded runtime, with `GOMAXPROCS` workers, so that nothing is measured
//! from the thread that blocks in `block_on`.

mod chan;
mod locks;
mod net;
mod others;
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
    match args.text("impl") {
        Some("kanal") => return others::run::<others::Kanal>(&args).await,
        Some("flume") => return others::run::<others::Flume>(&args).await,
        Some("async-channel") => return others::run::<others::AsyncChannel>(&args).await,
        _ => {}
    }
    match args.workload.as_str() {
        "spawn" => spawn::spawn(&args).await,
        "spawn_par" => spawn::spawn_par(&args).await,
        "parked" => spawn::parked(&args).await,
        "skynet" => spawn::skynet(&args).await,
        "forkjoin" => spawn::forkjoin(&args).await,
        "pingpong" => chan::pingpong(&args).await,
        "ring" => chan::ring(&args).await,
        "sieve" => chan::sieve(&args).await,
        "chan" => chan::channel(&args).await,
        "select" => chan::select(&args).await,
        "select_default" => chan::select_default(&args).await,
        "yield" => sched::yield_now(&args).await,
        "hog" => sched::hog(&args).await,
        "blocking" => sched::blocking(&args).await,
        "parallel" => sched::parallel(&args).await,
        "mutex" => locks::mutex(&args).await,
        "rwmutex" => locks::rwmutex(&args).await,
        "once" => locks::once(&args).await,
        "sleepers" => timers::sleepers(&args).await,
        "timer_ops" => timers::timer_ops(&args).await,
        "lateness" => timers::lateness(&args).await,
        "echo" => net::echo().await,
        "echo_and_ticks" => net::echo_and_ticks(&args).await,
        "http" => net::http().await,
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
