// The macros and types come with the prelude.
use goroutines::goroutine;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    go!(c.send(1));
}
