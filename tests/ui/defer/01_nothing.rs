// `defer!` needs a call or statements.
use goroutines::prelude::*;

fn cleanup() {}

#[goroutine]
fn main() {
    defer!();
    defer!(cleanup);
}
