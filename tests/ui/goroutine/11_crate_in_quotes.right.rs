// A library that re-exports the crate has its users name the path.
mod library {
    pub(crate) use goroutines;
}

#[library::goroutines::goroutine(crate = library::goroutines)]
fn main() {
    let ch = library::goroutines::make!(chan i32, 1);
    library::goroutines::go!([ch], { ch.send(1) });
    assert_eq!(ch.recv(), Some(1));
}
