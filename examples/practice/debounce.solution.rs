//! Events come in bursts. Pass an event on only if no other has followed it for `quiet`.
//!
//! One `Timer`, reset by every event, in a `select!` with the events.

use goroutines::prelude::*;
use goroutines::time::Timer;

pub fn debounce(events: Receiver<u32>, quiet: time::Duration) -> Receiver<u32> {
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
