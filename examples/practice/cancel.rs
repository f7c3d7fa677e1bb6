//! Count on `numbers` until the context ends, then return: nobody needs you any more.

use goroutines::prelude::*;

pub fn count(ctx: Context, numbers: Sender<u32>) {
    let _ = ctx;
    for i in 1.. {
        numbers.send(i);
    }
}
