// `crate` takes a path, not a text.
use goroutines::prelude::*;

#[goroutine(crate = "goroutines")]
fn main() {}
