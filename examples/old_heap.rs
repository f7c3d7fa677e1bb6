//! A thread has a stack of its own, and no heap of its own: what one allocates another may use.
//!
//! Mirrors "a thread has a heap of 2 MB" of some introductions. The 2 MB are the addresses of its
//! stack.

use goroutines::prelude::*;
use std::thread;

#[goroutine]
fn main() {
    const MIB: usize = 1 << 20;
    let big = thread::Builder::new()
        .stack_size(64 * 1024) // far less than what it allocates
        .spawn(|| vec![1_u8; 100 * MIB])
        .expect("a thread starts")
        .join()
        .expect("it ends well");
    println!(
        "a thread with a stack of 64 KiB left {} MiB in the heap",
        big.len() / MIB
    );
}
