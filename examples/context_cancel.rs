//! Telling a goroutine that nobody needs its work any more.
//!
//! Mirrors the example of Go's `context.WithCancel`.

use goroutines::prelude::*;

/// Sends 1, 2, 3, ... until `ctx` is cancelled.
fn integers(ctx: Context, stopped: Sender<()>) -> Receiver<u32> {
    let (dst, rx) = chan::channel(0);
    go!({
        let mut n = 1;
        loop {
            select! {
                <-ctx.done() => break,
                dst <- n => n += 1,
            }
        }
        println!("generator: {}", ctx.err().unwrap());
        stopped.send(());
    });
    rx
}

#[goroutine]
fn main() {
    let (ctx, cancel) = context::with_cancel(&context::background());
    let stopped = make!(chan());
    let ints = integers(ctx, stopped.sender());
    for n in &ints {
        println!("{n}");
        if n == 5 {
            break;
        }
    }
    cancel();
    stopped.recv();
}
