//! The benchmark workloads on goroutines: `rows WORKLOAD key=value ..`.
//!
//! What the Go program next door does, in the same order and written as one writes it with this crate. The benchmark
//! harness builds and calls it; benches/README.md explains the workloads.

mod channels;
mod locks;
mod loops;
mod net;
mod sched;
mod spawn;
mod timers;

use bench_kit::{Args, absent};
use goroutines::goroutine;

#[goroutine]
fn main() {
    let args = Args::from_env();
    match args.workload.as_str() {
        "spawn" => spawn::spawn(&args),
        "spawn_par" => spawn::spawn_par(&args),
        "parked" => spawn::parked(&args),
        "skynet" => spawn::skynet(&args),
        "forkjoin" => spawn::forkjoin(&args),
        "pingpong" => channels::pingpong(&args),
        "ring" => channels::ring(&args),
        "sieve" => channels::sieve(&args),
        "chan" => channels::channel(&args),
        "select" => channels::select(&args),
        "select_default" => channels::select_default(&args),
        "yield" => sched::yield_now(&args),
        "hog" => sched::hog(&args),
        "blocking" => sched::blocking(&args),
        "parallel" => sched::parallel(&args),
        "long_tasks" => loops::long_tasks(&args),
        "shares" => loops::shares(&args),
        "beside_loops" => loops::beside_loops(&args),
        "visitor" => loops::visitor(&args),
        "mutex" => locks::mutex(&args),
        "rwmutex" => locks::rwmutex(&args),
        "waitgroup" => locks::waitgroup(&args),
        "once" => locks::once(&args),
        "sleepers" => timers::sleepers(&args),
        "timer_ops" => timers::timer_ops(&args),
        "lateness" => timers::lateness(&args),
        "echo" => net::echo(),
        "echo_and_ticks" => net::echo_and_ticks(&args),
        "http" => net::http(),
        _ => absent(),
    }
}
