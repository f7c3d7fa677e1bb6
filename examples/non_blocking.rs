//! `default`: what to do when no channel is ready.
//!
//! Mirrors "Non-Blocking Channel Operations" of Go by Example.

use goroutines::prelude::*;

#[goroutine]
fn main() {
    let messages = make!(chan &'static str);
    let signals = make!(chan bool);

    select! {
        msg = <-messages => println!("received message {msg:?}"),
        default => println!("no message received"),
    }

    let msg = "hi";
    select! {
        messages <- msg => println!("sent message {msg}"),
        default => println!("no message sent"),
    }

    select! {
        msg = <-messages => println!("received message {msg:?}"),
        sig = <-signals => println!("received signal {sig:?}"),
        default => println!("no activity"),
    }
}
