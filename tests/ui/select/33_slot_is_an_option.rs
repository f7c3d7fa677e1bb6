// `tx <- move slot` takes from an `Option`, and only if the arm is chosen.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let tx = make!(chan String, 1);
    let mut name = "gopher".to_string();
    select! {
        tx <- move name => println!("sent"),
        default => println!("full"),
    }
}
