//! Goroutines that may fail: the first error stops the others and is what `wait` returns.
//!
//! Mirrors `errgroup.WithContext` of golang.org/x/sync.

use goroutines::prelude::*;
use goroutines::sync::ErrGroup;
use std::error::Error;

fn load(ctx: &Context, page: u32) -> Result<(), Box<dyn Error + Send + Sync>> {
    if page == 3 {
        time::sleep(20 * time::MILLISECOND);
        return Err("page 3 is missing".into());
    }
    select! {
        <-time::after(10 * time::SECOND) => Ok(()),
        <-ctx.done() => {
            println!("page {page}: stopped, {}", ctx.err().unwrap());
            Err(ctx.err().unwrap().into())
        }
    }
}

#[goroutine]
fn main() {
    let (group, ctx) = ErrGroup::with_context(&context::background());
    for page in 1..=4 {
        let ctx = ctx.clone();
        group.go(move || load(&ctx, page));
    }
    match group.wait() {
        Ok(()) => println!("all pages loaded"),
        Err(err) => println!("error: {err}"),
    }
}
