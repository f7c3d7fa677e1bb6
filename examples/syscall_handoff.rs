//! A goroutine blocks its thread, and the only processor goes on without it.
//!
//! Mirrors the tutorials' "when a goroutine blocks in a system call, its P is handed to another M".
//! The first call tells the runtime that it will block; the second is an ordinary call that the
//! runtime knows nothing about. Both last until main has ticked three times, so neither may stop it.

use goroutines::prelude::*;
use std::sync::mpsc;

fn tick_while(what: &str, block: fn(mpsc::Receiver<()>)) {
    let (release, gate) = mpsc::channel();
    let (back, call) = chan::channel(0);
    go!({
        block(gate); // blocks this thread until main opens the gate
        back.send(());
    });

    println!("{what}:");
    for n in 1..=3 {
        time::sleep(20 * time::MILLISECOND);
        println!("  tick {n}");
    }
    release.send(()).unwrap();
    call.recv();
    println!("  the call is back");
}

#[goroutine(procs = 1)]
fn main() {
    tick_while("blocking, announced", |gate| {
        runtime::blocking(|| gate.recv().unwrap())
    });
    tick_while("blocking, unannounced", |gate| gate.recv().unwrap());
}
