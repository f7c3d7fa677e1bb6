// `Some(v)` is Go's `ok == true`, `None` its `false`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    rx.close();
    let ok = select! {
        v = <-rx => match v {
            Some(_) => true,
            None => false,
        },
    };
    assert!(!ok);
}
