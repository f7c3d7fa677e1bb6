// `if let` asks and unpacks.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    c.send(1);
    c.close();
    if let Some(v) = c.recv() {
        println!("{v}");
    }
    let Some(v) = c.recv() else { return };
    println!("{v}");
}
