// A value is sent with the channel's own element type.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let names = make!(chan String, 1);
    select! {
        names <- "gopher" => println!("sent"),
    }
}
