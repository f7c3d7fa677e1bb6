// `#[goroutine]` stands above `#[test]`, and a test may return a `Result`.
use goroutines::prelude::*;

#[goroutine]
#[test]
fn adds() -> Result<(), String> {
    Ok(())
}

fn main() {}
