//! A timeout is one more arm of a `select!`.
//!
//! Mirrors "Timeouts" of Go by Example: `case <-time.After(..)`.

use goroutines::prelude::*;

fn answer_after(d: time::Duration, answer: &'static str) -> Receiver<&'static str> {
    let (tx, rx) = chan::channel(1); // room for one: a late answer blocks nobody
    go!({
        time::sleep(d);
        tx.send(answer);
    });
    rx
}

#[goroutine]
fn main() {
    let c1 = answer_after(300 * time::MILLISECOND, "result 1");
    select! {
        res = <-c1 => println!("{}", res.unwrap()),
        <-time::after(100 * time::MILLISECOND) => println!("timeout 1"),
    }

    let c2 = answer_after(100 * time::MILLISECOND, "result 2");
    select! {
        res = <-c2 => println!("{}", res.unwrap()),
        <-time::after(time::SECOND) => println!("timeout 2"),
    }
}
