// An `Rc` counts without a lock: it stays in the goroutine that made it.
use goroutines::prelude::*;
use std::rc::Rc;

fn work(n: Rc<i32>) {
    println!("{n}");
}

#[goroutine]
fn main() {
    let n = Rc::new(1);
    go!(work(n.clone()));
    go!({ println!("{n}") });
}
