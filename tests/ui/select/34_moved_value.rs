// A value operand moves into `select!`, chosen or not.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let tx = make!(chan String, 1);
    let name = "gopher".to_string();
    select! {
        tx <- name => println!("sent"),
        default => println!("full"),
    }
    println!("{name}");
}
