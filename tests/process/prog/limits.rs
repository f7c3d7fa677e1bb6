//! Ends for want of something: stack, threads.

use crate::Command;
use goroutines::debug;
use goroutines::prelude::*;
use std::hint::black_box;
use std::thread;

pub(crate) const COMMANDS: &[Command] = &[
    ("guard_page", || {
        run_elsewhere(|| {
            black_box(plain_depth(u64::MAX));
        })
    }),
    ("guard_page_in_main", || {
        black_box(plain_depth(u64::MAX));
    }),
    ("guard_page_with_a_name", || {
        let small = goroutines::Builder::new().name("deep").stack_size(64 << 10);
        let _ = small.spawn(|| black_box(plain_depth(u64::MAX))).join();
    }),
    ("stack_overflow", || {
        debug::set_max_stack(16 << 20);
        run_elsewhere(|| {
            black_box(growing_depth(u64::MAX));
        });
    }),
    ("thread_exhaustion", || {
        debug::set_max_threads(10);
        for _ in 0..40 {
            go!({ runtime::blocking(|| thread::sleep(time::HOUR)) });
        }
        Chan::<()>::nil().recv();
    }),
    ("many_goroutines", many_goroutines),
];

fn run_elsewhere(f: fn()) {
    go!(f());
    Chan::<()>::nil().recv();
}

/// Recursion without `#[goroutine]`: it has only the stack that the goroutine began with.
#[inline(never)]
fn plain_depth(n: u64) -> u64 {
    let frame = black_box([n; 64]);
    if n == 0 {
        0
    } else {
        1 + plain_depth(frame[0] - 1)
    }
}

#[goroutine]
fn growing_depth(n: u64) -> u64 {
    let frame = black_box([n; 64]);
    if n == 0 {
        0
    } else {
        1 + growing_depth(frame[0] - 1)
    }
}

/// Under a small limit of address space there are fewer stacks; then a clear error, not a crash.
fn many_goroutines() {
    for _ in 0..2_000_000 {
        go!({ Chan::<()>::nil().recv() });
    }
}
