//! Calls that block their thread without saying so. Not Go's, which knows all of its calls.

use goroutines::prelude::*;
use std::sync::{Arc, Barrier};
use tests::at_procs;

/// Many at once, each waiting for all the others in the kernel. A thread that blocks is not one of
/// those whose number is limited: there it only matters who computes.
#[test]
fn all_may_block_at_once() {
    const N: usize = 64;
    at_procs(&[1, 2], || {
        let hogs = goroutines::debug::set_max_hogs(0);
        let all = Arc::new(Barrier::new(N));
        let wg = WaitGroup::new();
        for _ in 0..N {
            let all = all.clone();
            wg.go(move || {
                all.wait();
            });
        }
        wg.wait();
        assert_eq!(runtime::metrics().hogs, 0);
        goroutines::debug::set_max_hogs(hogs);
    });
}
