// The elements have a type that exists here.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let a = make!(chan int, 1);
    let b = make!(chan float64);
}
