// `let`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    c.send(1);
    let text = select! {
        v = <-c => {
            let text = format!("{v:?}");
            text
        }
    };
    assert_eq!(text, "Some(1)");
}
