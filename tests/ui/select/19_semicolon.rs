// Arms are separated by `,`, as in `match`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (a, b) = (make!(chan i32, 1), make!(chan i32, 1));
    select! {
        v = <-a => {
            println!("{v:?}");
        };
        v = <-b => println!("{v:?}");
        default => println!("empty"),
    }
}
