//! Records a part of a program's run.
//!
//! Mirrors Go's `trace.Start` and `trace.Stop`.

use goroutines::prelude::*;
use goroutines::trace;
use std::fs::File;
use std::io;

#[goroutine(procs = 2)]
fn main() -> io::Result<()> {
    let path = std::env::temp_dir().join(format!("run-{}.json", std::process::id()));
    trace::start(File::create(&path)?).map_err(io::Error::other)?;
    let wg = WaitGroup::new();
    for _ in 0..10 {
        wg.go(|| time::sleep(time::MILLISECOND));
    }
    wg.wait();
    trace::stop();

    let recorded = std::fs::read_to_string(&path)?;
    println!(
        "recorded runs of goroutines: {}",
        recorded.contains("\"ph\":\"X\"")
    );
    std::fs::remove_file(&path)
}
