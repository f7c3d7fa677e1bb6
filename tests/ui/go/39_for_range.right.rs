// `for v in c`, until the channel is closed.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (c, sum) = (make!(chan i32), make!(chan i32));
    go!([c, sum], {
        let mut all = 0;
        for v in c {
            all += v;
        }
        sum.send(all);
    });
    c.send(1);
    c.send(2);
    c.close();
    assert_eq!(sum.recv(), Some(3));
}
