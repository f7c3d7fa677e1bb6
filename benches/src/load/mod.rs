//! The client of the echo and HTTP servers: one thread, one epoll, the same for every peer.
//!
//! A closed loop: each connection has one request under way and sends the next when the answer is complete. After a
//! warm-up the requests of a fixed time are counted, with the CPU time that the server's process used in it. On the
//! machine of the baselines client and server together saturate their two CPUs, so requests per second are near the
//! ceiling of the pair; the CPU per request is what tells servers apart.

mod connection;
mod idle;

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bench_kit::process::cpu_time;
use mio::{Events, Interest, Poll, Token};

use crate::figure::Figure;
use crate::workloads::Client;
use connection::{Connection, Protocol};

/// How long a server is measured at scale 1.
const MEASURED: Duration = Duration::from_secs(2);

/// How long it runs before.
const WARM_UP: Duration = Duration::from_millis(300);

/// Talks to the server at `at` (process `pid`) as the workload asks.
pub(crate) fn run(client: Client, at: SocketAddr, pid: u32, scale: f64) -> io::Result<Vec<Figure>> {
    match client {
        Client::Echo(connections) => requests(Protocol::Echo, connections, at, pid, scale),
        Client::Http(connections) => requests(Protocol::Http, connections, at, pid, scale),
        Client::Idle(connections) => idle::run(connections, at, pid, scale),
        Client::Rest(connections) => idle::rest(connections, at, pid, scale),
    }
}

/// The closed loop.
fn requests(
    protocol: Protocol,
    count: usize,
    at: SocketAddr,
    pid: u32,
    scale: f64,
) -> io::Result<Vec<Figure>> {
    let mut poll = Poll::new()?;
    let mut connections = Vec::with_capacity(count);
    for token in 0..count {
        let mut connection = Connection::open(protocol, at)?;
        poll.registry()
            .register(connection.stream(), Token(token), Interest::READABLE)?;
        connections.push(connection);
    }
    let mut events = Events::with_capacity(count.max(64));
    let mut latencies: Vec<u32> = Vec::with_capacity(1 << 20);
    for connection in &mut connections {
        connection.send()?;
    }
    let begin = Instant::now();
    let measured = MEASURED.mul_f64(scale.clamp(0.05, 10.0));
    let mut turn = |latencies: &mut Vec<u32>| {
        poll.poll(&mut events, Some(Duration::from_secs(10)))?;
        if events.is_empty() {
            return Err(io::Error::other("no answer for 10 s"));
        }
        for event in &events {
            // Edge-triggered: a connection is read until it would block or its answer is complete; then the server has
            // nothing more to say before the next request.
            let connection = &mut connections[event.token().0];
            if connection.receive()? {
                latencies
                    .push(u32::try_from(connection.sent.elapsed().as_nanos()).unwrap_or(u32::MAX));
                connection.send()?;
            }
        }
        Ok(())
    };
    while begin.elapsed() < WARM_UP {
        turn(&mut latencies)?;
    }
    latencies.clear();
    let cpu = cpu_time(pid);
    let start = Instant::now();
    while start.elapsed() < measured {
        turn(&mut latencies)?;
    }
    let (wall, cpu) = (
        start.elapsed(),
        cpu_time(pid).zip(cpu).map(|(after, before)| after - before),
    );
    Ok(figures(latencies, wall, cpu))
}

/// What is told of the requests of a measurement.
fn figures(mut latencies: Vec<u32>, wall: Duration, cpu: Option<Duration>) -> Vec<Figure> {
    latencies.sort_unstable();
    let count = latencies.len().max(1);
    let percentile =
        |percent: usize| f64::from(*latencies.get(count * percent / 100).unwrap_or(&0)) / 1e3;
    let mut figures = vec![
        Figure::new("rate", count as f64 / wall.as_secs_f64() / 1e3, "k/s"),
        Figure::new("p50", percentile(50), "us"),
        Figure::new("p99", percentile(99), "us"),
    ];
    if let Some(cpu) = cpu {
        figures.push(Figure::new(
            "cpu",
            cpu.as_secs_f64() * 1e6 / count as f64,
            "us",
        ));
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    /// An echo server of plain threads, good for a few requests.
    fn echo_server() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let at = listener.local_addr().expect("bound");
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("accepted");
                std::thread::spawn(move || {
                    let mut buffer = [0; 7]; // smaller than a message: answers come in pieces
                    while let Ok(n @ 1..) = stream.read(&mut buffer) {
                        if stream.write_all(&buffer[..n]).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        at
    }

    #[test]
    fn echo_requests_are_counted() {
        let figures =
            run(Client::Echo(3), echo_server(), std::process::id(), 0.05).expect("figures");
        let names: Vec<_> = figures.iter().map(|figure| figure.name.as_str()).collect();
        assert_eq!(names, ["rate", "p50", "p99", "cpu"]);
        assert!(
            figures.iter().all(|figure| figure.value > 0.0),
            "{figures:?}"
        );
    }

    #[test]
    fn idle_connections_are_measured() {
        let figures =
            run(Client::Idle(5), echo_server(), std::process::id(), 1.0).expect("figures");
        let connect = figures
            .iter()
            .find(|figure| figure.name == "connect")
            .expect("told");
        assert!(connect.value > 0.0);
    }

    #[test]
    fn a_rest_is_measured() {
        let figures =
            run(Client::Rest(5), echo_server(), std::process::id(), 0.01).expect("figures");
        assert_eq!(figures.len(), 1);
        assert_eq!((&*figures[0].name, &*figures[0].unit), ("rest", "ms"));
    }
}
