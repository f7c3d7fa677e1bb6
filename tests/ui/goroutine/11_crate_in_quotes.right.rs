// A library that re-exports the crate has its users name the path.
mod library {
    pub(crate) use goroutines as rt;
}

#[library::rt::goroutine(crate = library::rt)]
fn main() {
    let ch = library::rt::make!(chan i32, 1);
    library::rt::go!([ch], { ch.send(1) });
    assert_eq!(ch.recv(), Some(1));
}
