// `unwrap` where a value must come, `if let` where it may not, `for` for all.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 4);
    let mut sum = 0;
    for i in 1..=4 {
        c.send(i);
    }
    c.close();
    sum += c.recv().unwrap();
    if let Some(v) = c.recv() {
        sum += v;
    }
    for v in c {
        sum += v;
    }
    assert_eq!(sum, 10);
}
