// `< -` compares with a negative number; the arrow `<-` is one token.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (tx, rx) = (make!(chan i32, 1), make!(chan i32, 1));
    select! {
        tx < -1 => println!("sent"),
        v = < -rx => println!("{v:?}"),
        < -rx => println!("received"),
    }
}
