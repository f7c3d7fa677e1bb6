// In Go, sender and receiver of a pointer share its target. Here a sent value has one owner.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan Vec<i32>, 1);
    let mut list = vec![1];
    ch.send(list);
    list.push(2);
}
