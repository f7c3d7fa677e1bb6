// Nothing is awaited: a goroutine that waits just blocks.
use goroutines::prelude::*;

async fn fetch() -> i32 {
    1
}

#[goroutine]
fn main() {
    go!(fetch().await);
}
