// An arm is `operation => body`, like an arm of `match`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    let done = make!(chan ());
    done.close();
    let got = select! {
        v = <-rx => format!("{v:?}"),
        <-done => "done".to_string(),
    };
    assert_eq!(got, "done");
}
