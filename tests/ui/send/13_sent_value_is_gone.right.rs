// Send it last, or send a clone.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan Vec<i32>, 1);
    let mut list = vec![1];
    ch.send(list.clone());
    list.push(2);
    assert_eq!(ch.recv().map(|sent| sent.len()), Some(1));
    assert_eq!(list.len(), 2);
}
