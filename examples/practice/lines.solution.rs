//! Answer every line with the same line in capitals; an empty line ends the conversation.
//!
//! `conn` reads and writes like any stream, and waits without blocking a thread.

use goroutines::net::TcpStream;
use goroutines::prelude::*;
use std::io::{self, BufRead, BufReader, Write};

pub fn serve(conn: TcpStream) -> io::Result<()> {
    for line in BufReader::new(&conn).lines() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        (&conn).write_all(format!("{}\n", line.to_uppercase()).as_bytes())?;
    }
    Ok(())
}
