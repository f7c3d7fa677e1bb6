// If another arm is chosen the value is still there.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let tx = make!(chan String, 1);
    let mut name = Some("gopher".to_string());
    for _ in 0..2 {
        select! {
            tx <- move name => {}
            default => {}
        }
    }
    assert_eq!(name, None);
    assert_eq!(tx.len(), 1);
}
