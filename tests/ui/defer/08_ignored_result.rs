// A deferred call is a statement: a result that must be used is not dropped in silence.
#![deny(warnings)]
use goroutines::prelude::*;

fn save() -> Result<(), String> {
    Ok(())
}

#[goroutine]
fn main() {
    defer!(save());
}
