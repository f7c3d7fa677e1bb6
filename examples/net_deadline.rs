//! A read that does not wait for ever.
//!
//! Mirrors `conn.SetReadDeadline` of Go and its error, `i/o timeout`.

use goroutines::net::{TcpListener, TcpStream};
use goroutines::prelude::*;
use std::io::{self, Read};

#[goroutine]
fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let silent = TcpStream::connect(listener.local_addr()?)?;
    let (mut conn, _) = listener.accept()?;
    conn.set_read_deadline(Some(time::now() + 50 * time::MILLISECOND))?;

    let mut byte = [0];
    match conn.read(&mut byte) {
        Ok(n) => println!("read {n} bytes"),
        Err(err) => println!("{err}"),
    }
    drop(silent);
    Ok(())
}
