// `?` in an argument works in the caller; the result of the call comes by `spawn` and `join`.
use goroutines::prelude::*;

fn work(n: i32) -> Result<i32, String> {
    Ok(n)
}

fn start() -> Result<i32, String> {
    go!(work(work(1)?));
    spawn(|| work(2)).join().unwrap()
}

#[goroutine]
fn main() {
    assert_eq!(start(), Ok(2));
}
