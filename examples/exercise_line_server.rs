//! Exercise of the chapter "net": answers lines in capitals, and does not wait for the silent.
//!
//! Mirrors the line servers of Go texts, with `SetReadDeadline` before each read.

use goroutines::net::{TcpListener, TcpStream};
use goroutines::prelude::*;
use std::io::{self, BufRead, BufReader, Read, Write};

fn serve(conn: TcpStream) -> io::Result<()> {
    let mut lines = BufReader::new(&conn);
    loop {
        conn.set_read_deadline(Some(time::now() + 50 * time::MILLISECOND))?;
        let mut line = String::new();
        lines.read_line(&mut line)?;
        if line.trim().is_empty() {
            return Ok(());
        }
        (&conn).write_all(line.to_uppercase().as_bytes())?;
    }
}

#[goroutine]
fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let (ended, ends) = chan::channel(0);
    go!({
        while let Ok((conn, _)) = listener.accept() {
            go!([ended], { ended.send(serve(conn)) });
        }
    });

    let mut polite = TcpStream::connect(address)?;
    polite.write_all(b"hello\nlines\n\n")?;
    let mut answer = String::new();
    polite.read_to_string(&mut answer)?;
    print!("{answer}");
    println!("the polite one: {}", told(ends.recv()));

    let _silent = TcpStream::connect(address)?;
    println!("the silent one: {}", told(ends.recv()));
    Ok(())
}

fn told(end: Option<io::Result<()>>) -> String {
    match end {
        Some(Err(err)) => format!("sent away, {}", err.kind()),
        _ => "has said goodbye".to_string(),
    }
}
