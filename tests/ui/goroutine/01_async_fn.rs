// A goroutine blocks; it is not `async`.
use goroutines::prelude::*;

#[goroutine]
async fn fetch() -> i32 {
    1
}

#[goroutine]
async fn main() {}
