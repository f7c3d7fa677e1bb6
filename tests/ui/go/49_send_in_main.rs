// A send is a method call. `<-` stands in the arms of `select!` only.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    c <- 1;
}
