//! Many connections that do nothing: what each of them costs the server in memory, and what the server does meanwhile.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use bench_kit::ECHO_BYTES;
use bench_kit::process::{Memory, cpu_time};

use crate::figure::Figure;

/// How long a server that rests is watched at scale 1, and how long it is left alone before.
const WATCHED: Duration = Duration::from_secs(4);
const BEFORE: Duration = Duration::from_secs(3);

/// Leaves the server alone with its connections and reads its CPU time.
pub(super) fn rest(count: usize, at: SocketAddr, pid: u32, scale: f64) -> io::Result<Vec<Figure>> {
    let (connections, _) = connect(count, at, scale)?;
    std::thread::sleep(BEFORE.mul_f64(scale.min(1.0)));
    let (start, before) = (Instant::now(), cpu_time(pid));
    std::thread::sleep(WATCHED.mul_f64(scale.min(1.0)));
    let (wall, after) = (start.elapsed(), cpu_time(pid));
    drop(connections);
    let used = after.zip(before).map(|(after, before)| after - before);
    Ok(used
        .map(|used| {
            let a_second = used.as_secs_f64() * 1e3 / wall.as_secs_f64();
            Figure::new("rest", a_second, "ms")
        })
        .into_iter()
        .collect())
}

/// Connects one after the other, has each connection answer once, so that the server surely has a goroutine on it that
/// waits for more, and reads the server's memory.
pub(super) fn run(count: usize, at: SocketAddr, pid: u32, scale: f64) -> io::Result<Vec<Figure>> {
    let before = Memory::of(pid);
    let (connections, connecting) = connect(count, at, scale)?;
    let count = connections.len();
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

/// Connects one after the other, has each connection answer once, and says how long connecting took.
fn connect(count: usize, at: SocketAddr, scale: f64) -> io::Result<(Vec<TcpStream>, Duration)> {
    let count = ((count as f64 * scale) as usize).max(2);
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
    Ok((connections, connecting))
}
