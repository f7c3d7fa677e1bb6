// A goroutine may outlive the function that started it: its closure has to own what it uses.
use goroutines::prelude::*;

fn greet(name: String) {
    go!(|| println!("hello {name}"));
}

#[goroutine]
fn main() {
    greet("gopher".to_string());
}
