//! Something every 100 ms, until it is stopped.
//!
//! Mirrors "Tickers" of Go by Example.

use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ticker = time::Ticker::new(100 * time::MILLISECOND);
    let done = make!(chan bool);
    go!([done, ticks = ticker.c().clone()], {
        let mut n = 0;
        loop {
            select! {
                <-done => return,
                <-ticks => {
                    n += 1;
                    println!("tick {n}");
                }
            }
        }
    });

    time::sleep(350 * time::MILLISECOND);
    ticker.stop();
    done.send(true);
    println!("ticker stopped");
}
