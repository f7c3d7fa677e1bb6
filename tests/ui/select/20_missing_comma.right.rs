// The last comma may be left out.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (a, b) = (make!(chan i32, 1), make!(chan i32, 1));
    b.close();
    let v = select! {
        v = <-a => v.unwrap_or(1),
        v = <-b => v.unwrap_or(2)
    };
    assert_eq!(v, 2);
}
