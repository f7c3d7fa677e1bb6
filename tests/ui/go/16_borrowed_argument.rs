// A reference to a local variable does not live as long as the goroutine may.
use goroutines::prelude::*;

fn greet(name: &str) {
    println!("hello {name}");
}

#[goroutine]
fn main() {
    let name = "gopher".to_string();
    let short = name.as_str();
    go!(greet(short));
}
