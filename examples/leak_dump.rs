//! A goroutine that waits for ever, and how it is found.
//!
//! Mirrors Go's goroutine dump, which names what each goroutine waits for.

use goroutines::prelude::*;

fn listen(rx: Receiver<u32>) {
    while rx.recv().is_some() {}
}

#[goroutine(procs = 1)]
fn main() {
    let (tx, rx) = chan::channel(0);
    go!(listen(rx));
    tx.send(1);
    runtime::gosched();
    // `tx` is kept and never used again: `listen` waits for ever.
    println!("{} goroutines", runtime::num_goroutine());
    let dump = runtime::stack_all();
    let leaked = dump
        .split("\n\n")
        .find(|g| g.contains("[chan receive]"))
        .unwrap_or("none");
    println!("{}", leaked.lines().next().unwrap_or_default());
    println!("where it was created: {}", leaked.contains("leak_dump.rs"));
    drop(tx);
}
