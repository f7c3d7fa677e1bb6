//! Behaviours of Go's own tests of channels, select and time, written anew: the same situation, the
//! same outcome. What had to be adapted is said in the test's doc line.
//!
//! They run in a process of their own because they change GOMAXPROCS: [`tests::at_all_procs`].

mod await_arms;
mod basic;
mod closed;
mod futures;
mod model;
mod powser;
mod programs;
mod race;
mod select;
mod time;
mod typeparam;

use goroutines::runtime;
use tests::{at_all_procs, at_procs};

/// Lets others run until nothing changes any more, as far as one can tell: what should block has had
/// its chance to go wrong.
fn settle() {
    for _ in 0..50 {
        runtime::gosched();
    }
}
