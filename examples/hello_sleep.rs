//! Waiting the crude way: main sleeps long enough for the goroutine to have its turn.
//!
//! Mirrors the second step of the tutorials, `time.Sleep(time.Second)` at the end of main. It works
//! and nobody should do it: `done_channel` and `wait_group_fetch` show how to wait.

use goroutines::prelude::*;

fn say_hello() {
    println!("hello goroutine");
}

#[goroutine]
fn main() {
    go!(say_hello());
    println!("this is main func");
    time::sleep(time::SECOND);
}
