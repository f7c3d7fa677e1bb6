// Generic code has to say that its type can move to another goroutine, and how long it lives.
use goroutines::prelude::*;

fn drop_later<T>(value: T) {
    go!(drop(value));
}

#[goroutine]
fn main() {
    drop_later(1);
}
