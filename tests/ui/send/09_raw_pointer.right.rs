// Send the value.
use goroutines::prelude::*;

fn show(n: i32, out: Sender<String>) {
    out.send(n.to_string());
}

#[goroutine]
fn main() {
    let ch = make!(chan String);
    go!(show(1, ch.sender()));
    assert_eq!(ch.recv().as_deref(), Some("1"));
}
