//! A deadline that travels with the call.
//!
//! Mirrors the example of Go's `context.WithTimeout`.

use goroutines::prelude::*;

/// Work that takes a second, unless `ctx` ends it before.
fn slow_operation(ctx: &Context) -> Result<(), context::ContextError> {
    select! {
        <-time::after(time::SECOND) => Ok(()),
        <-ctx.done() => Err(ctx.err().unwrap()),
    }
}

#[goroutine]
fn main() {
    let (ctx, cancel) = context::with_timeout(&context::background(), 50 * time::MILLISECOND);
    defer!(cancel());

    match slow_operation(&ctx) {
        Ok(()) => println!("done"),
        Err(err) => println!("{err}"),
    }
}
