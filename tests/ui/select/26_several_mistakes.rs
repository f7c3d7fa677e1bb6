// Every wrong arm is reported, not only the first.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (a, b, c) = (make!(chan i32), make!(chan i32), make!(chan i32));
    let n: i32 = select! {
        v := <-a => v.unwrap(),
        recv(b) -> w => w.unwrap(),
        Some(x) = <-c => x,
        else => 0,
    };
    println!("{n}");
}
