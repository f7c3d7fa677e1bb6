// Say that it is dropped, or look at it.
use goroutines::prelude::*;

fn save() -> Result<(), String> {
    Ok(())
}

#[goroutine]
fn main() {
    defer!(drop(save()));
    defer!(assert!(save().is_ok()));
}
