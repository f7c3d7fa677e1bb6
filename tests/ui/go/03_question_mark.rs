// A goroutine has nobody to return an error to.
use goroutines::prelude::*;

fn work(n: i32) -> Result<i32, String> {
    Ok(n)
}

fn start() -> Result<(), String> {
    go!(work(1)?);
    Ok(())
}

#[goroutine]
fn main() {
    start().unwrap();
}
