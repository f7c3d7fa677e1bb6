//! A goroutine blocks its thread, and the only processor goes on without it.
//!
//! Mirrors the tutorials' "when a goroutine blocks in a system call, its P is handed to another M".
//! The first call tells the runtime that it will block; the second is an ordinary call that the
//! runtime knows nothing about. Neither stops the ticks.

use goroutines::prelude::*;
use std::thread;

const NAP: time::Duration = time::Duration::from_millis(175);

fn tick_while(what: &str, block: fn()) {
    let (done, finished) = chan::channel(0);
    go!({
        block();
        done.send(());
    });
    println!("{what}:");
    let ticks = time::tick(50 * time::MILLISECOND);
    let mut n = 0;
    loop {
        select! {
            <-ticks => {
                n += 1;
                println!("  tick {n}");
            }
            <-finished => break,
        }
    }
    println!("  the call is back");
}

#[goroutine(procs = 1)]
fn main() {
    tick_while("blocking, announced", || {
        runtime::blocking(|| thread::sleep(NAP))
    });
    tick_while("blocking, unannounced", || thread::sleep(NAP));
}
