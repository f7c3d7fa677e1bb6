//! How long the others wait while one goroutine keeps the only processor.
//!
//! Mirrors what the tutorials say of sysmon: it has no P, looks round every 20 us to 10 ms, takes the
//! P of a system call at once when there is work, and that of a running goroutine after 10 ms.
//! Three times each, a goroutine takes the processor for 50 ms, and main wants to wake after 1 ms;
//! the shortest of the three tells what the runtime does, the others what else this machine does.

use goroutines::prelude::*;
use std::thread;

const LONG: time::Duration = time::Duration::from_millis(50);

fn spin() {
    let start = time::now();
    while time::since(start) < LONG {}
}

fn woken_after(keep_the_processor: fn()) -> time::Duration {
    let (done, end) = chan::channel::<()>(0);
    go!({
        keep_the_processor();
        done.close();
    });
    let start = time::now();
    time::sleep(time::MILLISECOND);
    let took = time::since(start);
    end.recv();
    took
}

fn watch(what: &str, keep_the_processor: fn()) {
    let took = (0..3).map(|_| woken_after(keep_the_processor)).min();
    let verdict = match took.unwrap().as_millis() {
        0..8 => "at once",
        8..40 => "after one time slice",
        _ => "much too late",
    };
    println!("{what}: main woke {verdict}");
}

#[goroutine(procs = 1)]
fn main() {
    watch("announced blocking call", || {
        runtime::blocking(|| thread::sleep(LONG))
    });
    watch("unannounced blocking call", || thread::sleep(LONG));
    watch("busy loop", spin);
}
