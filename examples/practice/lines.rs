//! Answer every line with the same line in capitals; an empty line ends the conversation.
//!
//! `conn` reads and writes like any stream, and waits without blocking a thread.

use goroutines::net::TcpStream;
use goroutines::prelude::*;
use std::io;

pub fn serve(conn: TcpStream) -> io::Result<()> {
    conn.close();
    Ok(())
}
