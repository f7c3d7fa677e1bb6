// The arrow is for the heads of arms: in a body, send and receive are methods.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (a, b) = (make!(chan i32, 1), make!(chan i32, 1));
    select! {
        v = <-a => { b <- v.unwrap() }
        <-b => { let v = <-a; println!("{v:?}") }
    }
}
