//! As many receives as sends: `main` leaves after the first of three messages.

use goroutines::prelude::*;

#[goroutine(procs = 1)]
fn main() {
    let done = make!(chan u32);
    for i in 1..=3 {
        go!([done], {
            time::sleep(i * 20 * time::MILLISECOND);
            done.send(i);
        });
    }
    let mut sum = 0;
    for _ in 1..=3 {
        sum += done.recv().unwrap_or(0);
    }
    println!("the sum of three messages: {sum}");
}
