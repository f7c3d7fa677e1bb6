// `Some(v)` is Go's `ok == true`, `None` its `false`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    rx.close();
    let text = select! {
        v = <-rx => match v {
            Some(v) => v.to_string(),
            None => "closed".to_string(),
        },
    };
    assert_eq!(text, "closed");
}
