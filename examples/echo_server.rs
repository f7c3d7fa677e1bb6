//! A server that sends back what it gets, one goroutine for each connection; and three clients.
//!
//! Mirrors the echo server of every introduction to Go: `go handle(conn)` and `io.Copy(conn, conn)`.

use goroutines::net::{TcpListener, TcpStream};
use goroutines::prelude::*;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};

fn serve(listener: TcpListener) {
    while let Ok((conn, _)) = listener.accept() {
        go!(handle(conn));
    }
}

fn handle(conn: TcpStream) -> io::Result<u64> {
    io::copy(&mut &conn, &mut &conn)
}

fn ask(server: SocketAddr, words: &str) -> io::Result<String> {
    let mut conn = TcpStream::connect(server)?;
    conn.write_all(words.as_bytes())?;
    conn.shutdown(Shutdown::Write)?;
    let mut echo = String::new();
    conn.read_to_string(&mut echo)?;
    Ok(echo)
}

#[goroutine]
fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let server = listener.local_addr()?;
    go!(serve(listener));

    let clients = ["one", "two", "three"].map(|words| spawn(move || ask(server, words)));
    for client in clients {
        println!("echo: {}", client.join().unwrap()?);
    }
    Ok(())
}
