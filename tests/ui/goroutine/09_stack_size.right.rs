// Bytes, KiB, MiB, or an expression.
use goroutines::prelude::*;

const BUFFERS: usize = 3 * 16 * 1024;

#[goroutine(stack = "64KiB")]
fn one() -> u8 {
    let buffer = [1_u8; 32 * 1024];
    buffer[buffer.len() - 1]
}

#[goroutine(stack = BUFFERS)]
fn two() -> u8 {
    2
}

#[goroutine]
fn main() {
    assert_eq!(one() + two(), 3);
}
