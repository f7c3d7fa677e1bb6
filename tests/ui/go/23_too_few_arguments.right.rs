// All of them, of the right types.
use goroutines::prelude::*;

fn work(id: i32, name: &str, out: &Sender<String>) {
    out.send(format!("{id} {name}"));
}

#[goroutine]
fn main() {
    let ch = make!(chan String);
    go!(work(1 + 1, "two", &ch.sender()));
    assert_eq!(ch.recv().as_deref(), Some("2 two"));
}
