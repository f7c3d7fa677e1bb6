// A receive is written as ever; a future has `await` before it.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1).receiver();
    let v = select! {
        v = await std::future::ready(7) => v,
        v = <-rx => v.unwrap_or(7),
    };
    assert_eq!(v, 7);
}
