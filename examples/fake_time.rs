//! A timeout of an hour, tested in no time.
//!
//! Mirrors a test with Go's `testing/synctest`: a clock that moves when everybody waits.

use goroutines::prelude::*;
use goroutines::testing::synctest;

/// Asks until the answer is yes, each time after twice the pause, or until the context ends. Returns
/// how often it has asked.
fn retry(ctx: &Context, ask: impl Fn() -> bool) -> Result<u32, context::ContextError> {
    let (mut asked, mut pause) = (1, time::SECOND);
    while !ask() {
        select! {
            <-time::after(pause) => pause *= 2,
            <-ctx.done() => return Err(ctx.err().unwrap()),
        }
        asked += 1;
    }
    Ok(asked)
}

#[goroutine]
fn main() {
    let real = time::now();
    synctest::test(|| {
        let (ctx, cancel) = context::with_timeout(&context::background(), time::HOUR);
        defer!(cancel());

        let start = time::now();
        let asked = retry(&ctx, || time::since(start) > 10 * time::MINUTE).unwrap();
        println!("asked {asked} times, in {:?}", time::since(start));

        let err = retry(&ctx, || false).unwrap_err();
        println!("{err} after {:?}", time::since(start));
    });
    println!(
        "in less than a minute: {}",
        time::since(real) < time::MINUTE
    );
}
