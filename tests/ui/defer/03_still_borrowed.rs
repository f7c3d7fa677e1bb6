// What `defer!` names is borrowed until the end of the block.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let mut log = vec!["start"];
    defer!(println!("{log:?}"));
    log.push("end");
}
