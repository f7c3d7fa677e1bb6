//! Two goroutines talk, main listens as long as somebody does: the program of the README.
//!
//! Mirrors the opening of Rob Pike's "Go Concurrency Patterns": boring talkers, one listener, and a
//! `select` with a timeout.

use goroutines::prelude::*;

fn boring(name: &str, out: Sender<String>) {
    for i in 1..=3 {
        time::sleep(20 * time::MILLISECOND);
        out.send(format!("{name} {i}"));
    }
}

#[goroutine]
fn main() {
    let (out, talk) = chan::channel(0);
    go!(boring("Ann", out.clone()));
    go!(boring("Joe", out));
    loop {
        select! {
            Some(line) = <-talk else break => println!("{line}"),
            <-time::after(time::SECOND) => println!("you are too slow"),
        }
    }
    println!("they have left");
}
