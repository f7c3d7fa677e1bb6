//! How long the others wait while one goroutine keeps the only processor.
//!
//! Mirrors what the tutorials say of sysmon: it has no P, looks round every 20 us to 10 ms, takes the
//! P of a system call at once when there is work, and that of a running goroutine after 10 ms.
//! Each time a goroutine takes the processor for 100 ms, and main wants to wake after 1 ms.

use goroutines::prelude::*;
use std::thread;

const LONG: time::Duration = time::Duration::from_millis(100);

fn spin() {
    let start = time::now();
    while time::since(start) < LONG {}
}

fn watch(what: &str, keep_the_processor: fn()) {
    let done = make!(chan());
    go!([done], {
        keep_the_processor();
        done.close();
    });
    let start = time::now();
    time::sleep(time::MILLISECOND);
    let verdict = match time::since(start).as_millis() {
        0..8 => "at once",
        8..60 => "after one time slice",
        _ => "much too late",
    };
    println!("{what}: main woke {verdict}");
    done.recv();
}

#[goroutine(procs = 1)]
fn main() {
    watch("announced blocking call", || {
        runtime::blocking(|| thread::sleep(LONG))
    });
    watch("unannounced blocking call", || thread::sleep(LONG));
    watch("busy loop", spin);
}
