// The arguments of the program are in `std::env`.
use goroutines::prelude::*;

#[goroutine]
fn main() -> Result<(), String> {
    match std::env::args().count() {
        1 => Ok(()),
        n => Err(format!("{n} arguments")),
    }
}
