// The macros and types come with the prelude: `use goroutines::prelude::*;`. (Other versions of rustc propose an import; 1.95 does not.)
use goroutines::goroutine;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    go!(c.send(1));
}
