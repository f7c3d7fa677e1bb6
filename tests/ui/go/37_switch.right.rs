// `match` has arms, and must know every value.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (n, c) = (2, make!(chan &'static str));
    go!([c], {
        c.send(match n {
            1 => "one",
            _ => "many",
        });
    });
    assert_eq!(c.recv(), Some("many"));
}
