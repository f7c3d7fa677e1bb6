//! What a debugger is to find.

use crate::Command;
use goroutines::prelude::*;
use std::hint::black_box;

pub(crate) const COMMANDS: &[Command] = &[("dies_for_gdb", dies_for_gdb)];

#[inline(never)]
fn waits_for_gdb(depth: usize, gate: &Receiver<()>) -> usize {
    let room = black_box([depth; 16]);
    if depth == 0 {
        gate.recv();
        return room[3];
    }
    1 + waits_for_gdb(depth - 1, gate) + black_box(room)[5] - depth
}

/// Three wait, and many have not begun; then the process dies as by a bug.
fn dies_for_gdb() {
    // So that none but this thread could begin them.
    runtime::gomaxprocs(1);
    let (_keeper, gate) = chan::channel::<()>(0);
    for _ in 0..3 {
        go!([gate], {
            waits_for_gdb(4, &gate);
        });
    }
    while runtime::stack_all().matches("[chan receive]").count() < 3 {
        runtime::gosched();
    }
    for _ in 0..300 {
        go!({
            Chan::<()>::nil().recv();
        });
    }
    std::process::abort();
}
