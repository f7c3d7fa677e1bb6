// Deferred code runs when the result is decided: it has nowhere to return an error to.
use goroutines::prelude::*;

fn save() -> Result<(), String> {
    Ok(())
}

fn work() -> Result<(), String> {
    defer!(save()?);
    Ok(())
}

#[goroutine]
fn main() {
    work().unwrap();
}
