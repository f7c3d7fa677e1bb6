//! Exercise of the chapter "context": the first good answer, and the others really stop.
//!
//! Mirrors a parallel search in Go with `context.WithCancel` and a `WaitGroup`.

use goroutines::prelude::*;

/// Looks for an answer in a source; `None` if it was told to stop, or found nothing.
fn search(ctx: &Context, source: u32) -> Option<u32> {
    select! {
        <-time::after(source * 100 * time::MILLISECOND) => (source >= 2).then_some(source * 21),
        <-ctx.done() => {
            println!("source {source}: {}", ctx.err().unwrap());
            None
        }
    }
}

#[goroutine]
fn main() {
    let (ctx, cancel) = context::with_cancel(&context::background());
    let (tx, answers) = chan::channel(3);
    let wg = WaitGroup::new();
    for source in 1..=3 {
        let (ctx, tx) = (ctx.clone(), tx.clone());
        wg.go(move || {
            if let Some(answer) = search(&ctx, source) {
                tx.send(answer);
            }
        });
    }
    drop(tx);
    println!("answer: {:?}", answers.recv());
    cancel();
    wg.wait();
    println!("all have stopped");
}
