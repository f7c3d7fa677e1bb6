//! Exercise of the chapter "time": an event counts only if no other follows within 150 ms.
//!
//! Mirrors the debounce function of Go programs: one timer, reset by every event.

use goroutines::prelude::*;
use goroutines::time::Timer;

fn debounce<T: Send + 'static>(events: Receiver<T>, quiet: time::Duration) -> Receiver<T> {
    let (tx, rx) = chan::channel(0);
    go!({
        let timer = Timer::new(quiet);
        timer.stop();
        let mut last = None;
        loop {
            select! {
                Some(event) = <-events else break => {
                    last = Some(event);
                    timer.reset(quiet);
                }
                <-timer.c() => {
                    if let Some(event) = last.take() {
                        tx.send(event);
                    }
                }
            }
        }
    });
    rx
}

#[goroutine]
fn main() {
    let (tx, events) = chan::channel(0);
    go!({
        for burst in [&["a1", "a2", "a3"][..], &["b1", "b2"]] {
            for event in burst {
                tx.send(*event);
            }
            time::sleep(400 * time::MILLISECOND);
        }
    });
    for event in debounce(events, 150 * time::MILLISECOND) {
        println!("{event}");
    }
}
