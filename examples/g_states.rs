//! What each goroutine is doing: one that runs, and others that wait for different things.
//!
//! Mirrors the states in Go's goroutine dump, `goroutine 5 [chan receive]:`.

use goroutines::prelude::*;
use goroutines::sync::Mutex;
use std::sync::Arc;

#[goroutine(procs = 1)]
fn main() {
    let silent = make!(chan u32);
    let locked = Arc::new(Mutex::new(()));
    let _guard = locked.lock();
    go!([silent], silent.recv());
    go!([silent], {
        select! {
            <-silent => {}
            <-time::after(time::HOUR) => {}
        }
    });
    go!([locked], {
        drop(locked.lock());
    });
    go!(time::sleep(time::HOUR));
    for _ in 0..10 {
        runtime::gosched(); // let them come to the point where they wait
    }
    for line in runtime::stack_all()
        .lines()
        .filter(|l| l.starts_with("goroutine "))
    {
        println!("{line}");
    }
}
