// A block moves by itself; a closure with `move`.
use goroutines::prelude::*;

fn greet(name: String, out: Sender<String>) {
    go!({ out.send(format!("hello {name}")) });
}

#[goroutine]
fn main() {
    let ch = make!(chan String);
    greet("gopher".to_string(), ch.sender());
    assert_eq!(ch.recv().as_deref(), Some("hello gopher"));
}
