//! GOMAXPROCS while the processors change.

use super::Command;
use goroutines::prelude::*;
use std::io::Read;
use std::time::{Duration, Instant};

pub(crate) const COMMANDS: &[Command] = &[("follows_the_processors", follows_the_processors)];

/// Says how many there are before a byte comes, and which number comes next.
fn follows_the_processors() {
    let before = runtime::gomaxprocs(0);
    println!("{before}");
    std::io::stdin().read_exact(&mut [0]).unwrap();
    // Not for ever, if it never comes.
    let begun = Instant::now();
    while runtime::gomaxprocs(0) == before && begun.elapsed() < tests::patience(60) {
        time::sleep(Duration::from_millis(5));
    }
    println!("{}", runtime::gomaxprocs(0));
    // The program's own number stays, until it takes that back.
    runtime::gomaxprocs(7);
    runtime::set_default_gomaxprocs();
    println!("{}", runtime::gomaxprocs(0));
}
