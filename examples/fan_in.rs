//! Many channels into one: whoever is ready talks.
//!
//! Mirrors `fanIn` of Rob Pike's "Go Concurrency Patterns", with the trick that makes it end: a
//! channel that is drained becomes `None`, Go's nil channel, and its arm is never ready again.

use goroutines::prelude::*;

fn boring(name: &'static str) -> Receiver<String> {
    let (tx, rx) = chan::channel(0);
    go!({
        for i in 0..4 {
            tx.send(format!("{name} {i}"));
            time::sleep(time::MILLISECOND);
        }
    });
    rx
}

fn fan_in(a: Receiver<String>, b: Receiver<String>) -> Receiver<String> {
    let (tx, rx) = chan::channel(0);
    go!({
        let (mut a, mut b) = (Some(a), Some(b));
        while a.is_some() || b.is_some() {
            select! {
                msg = <-a => match msg {
                    Some(msg) => tx.send(msg),
                    None => a = None,
                },
                msg = <-b => match msg {
                    Some(msg) => tx.send(msg),
                    None => b = None,
                },
            }
        }
    });
    rx
}

#[goroutine]
fn main() {
    for msg in fan_in(boring("Joe"), boring("Ann")) {
        println!("{msg}");
    }
    println!("You're both boring; I'm leaving.");
}
