// `&name` in the call moves `name` itself; the goroutine borrows its own.
use goroutines::prelude::*;

fn greet(name: &str, out: &Sender<usize>) {
    out.send(name.len());
}

#[goroutine]
fn main() {
    let ch = make!(chan usize);
    let name = "gopher".to_string();
    go!(greet(&name, &ch.sender()));
    assert_eq!(ch.recv(), Some(6));
}
