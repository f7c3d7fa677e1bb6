// As in Go, `main` takes no arguments.
use goroutines::prelude::*;

#[goroutine]
fn main(args: Vec<String>) {
    println!("{}", args.len());
}
