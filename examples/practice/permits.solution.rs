//! Run all tasks, each in a goroutine of its own, but never more than `most` at a time.
//!
//! No pool: a channel with room for `most` permits will do.

use goroutines::prelude::*;

pub fn run(tasks: u32, most: usize, task: fn()) {
    let permits = make!(chan(), most);
    let wg = WaitGroup::new();
    for _ in 0..tasks {
        permits.send(());
        wg.add(1);
        go!([permits, wg], {
            task();
            permits.recv();
            wg.done();
        });
    }
    wg.wait();
}
