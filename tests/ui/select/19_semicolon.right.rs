// After a block the comma may be left out.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (a, b) = (make!(chan i32, 1), make!(chan i32, 1));
    let mut seen = 0;
    select! {
        v = <-a => {
            seen += v.unwrap_or(0);
        }
        v = <-b => seen += v.unwrap_or(0),
        default => seen = 9,
    }
    assert_eq!(seen, 9);
}
