// A body without braces ends with `,`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (a, b) = (make!(chan i32, 1), make!(chan i32, 1));
    let v = select! {
        v = <-a => v.unwrap_or(1)
        v = <-b => v.unwrap_or(2)
    };
    println!("{v}");
}
