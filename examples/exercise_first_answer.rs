//! Exercise of the chapter "select": the first of three answers.
//!
//! Mirrors "replicated servers" of Rob Pike's "Go Concurrency Patterns". The channel has room for
//! every answer, so the slow ones end, too.

use goroutines::prelude::*;

fn ask(replica: u32) -> String {
    time::sleep(replica * 100 * time::MILLISECOND);
    format!("replica {replica}")
}

fn first(replicas: u32, ended: &WaitGroup) -> Option<String> {
    let (tx, answers) = chan::channel(replicas as usize);
    for replica in 1..=replicas {
        ended.add(1);
        go!([tx, ended], {
            defer!(ended.done());
            tx.send(ask(replica));
        });
    }
    select! {
        answer = <-answers => answer,
        <-time::after(time::SECOND) => None,
    }
}

#[goroutine]
fn main() {
    let ended = WaitGroup::new();
    println!("answer of {}", first(3, &ended).unwrap());
    ended.wait();
    println!("all have ended");
}
