// Make a `String` of it first.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let names = make!(chan String, 1);
    select! {
        names <- "gopher".to_string() => {}
    }
    assert_eq!(names.recv().as_deref(), Some("gopher"));
}
