// Send a clone, or keep the value in a slot.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let tx = make!(chan String, 1);
    let name = "gopher".to_string();
    select! {
        tx <- name.clone() => {}
        default => panic!("there is room"),
    }
    assert_eq!(tx.recv(), Some(name));
}
