//! Many connections that do nothing: what each of them costs the server in memory.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use bench_kit::ECHO_BYTES;
use bench_kit::process::Memory;

use crate::figure::Figure;

/// Connects one after the other, has each connection answer once, so that the server surely has a goroutine on it that
/// waits for more, and reads the server's memory.
pub(super) fn run(count: usize, at: SocketAddr, pid: u32, scale: f64) -> io::Result<Vec<Figure>> {
    let count = ((count as f64 * scale) as usize).max(2);
    let before = Memory::of(pid);
    let mut connections = Vec::with_capacity(count);
    let start = Instant::now();
    for _ in 0..count {
        connections.push(TcpStream::connect(at)?);
    }
    let connecting = start.elapsed();
    let mut answer = [0; ECHO_BYTES];
    for connection in &mut connections {
        connection.set_read_timeout(Some(Duration::from_secs(10)))?;
        connection.write_all(&[b'x'; ECHO_BYTES])?;
        connection.read_exact(&mut answer)?;
    }
    let each = Memory::of(pid).each_since(before, count);
    let mut figures: Vec<Figure> = each
        .map(|(name, bytes)| Figure::new(name, bytes, "B"))
        .into();
    figures.push(Figure::new(
        "connect",
        connecting.as_secs_f64() * 1e6 / count as f64,
        "us",
    ));
    Ok(figures)
}
