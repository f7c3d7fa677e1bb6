//! Stress programs for the scheduler: each scenario alone in a process of its own, at several
//! GOMAXPROCS, with both kinds of fence and of stack guard.
//!
//! ```text
//! cargo test -p tests --test stress                  every scenario, a few rounds
//! cargo test -p tests --test stress -- hogs timers   those whose name contains a word
//! STRESS_SEED=7 STRESS_SCALE=20 cargo test --release -p tests --test stress
//! ```
//!
//! Every scenario accounts for every goroutine it starts; the harness then waits until the runtime
//! counts none and no thread runs without a P. The seed is printed; a child that hangs prints what
//! every goroutine, thread and P is doing and fails. `soak` mixes all of this for minutes.

mod children;
mod cx;
mod scenarios;
mod watch;

fn main() {
    children::main(scenarios::ALL);
}
