// A closure that borrows the loop variable: the bug that Go lived with until 1.22.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    for i in 0..3 {
        go!(|| println!("{i}"));
    }
}
