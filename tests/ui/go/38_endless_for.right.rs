// `loop`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32);
    let tx = c.sender();
    go!({
        loop {
            tx.send(1);
        }
    });
    assert_eq!((c.recv(), c.recv()), (Some(1), Some(1)));
}
