//! An echo server under load: many connections, a progress line, and how long the answers took.
//!
//! Mirrors the load generators that every Go network tutorial ends with. The numbers of connections
//! and of requests are the arguments:
//! ```text
//! cargo run --release -p examples --example echo_load -- 1000 200000
//! ```

use goroutines::net::{TcpListener, TcpStream};
use goroutines::prelude::*;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Answers so far; the progress line reads it.
static ANSWERED: AtomicUsize = AtomicUsize::new(0);

fn echo(mut conn: TcpStream) -> io::Result<()> {
    let mut buf = [0; 256];
    loop {
        match conn.read(&mut buf)? {
            0 => return Ok(()),
            n => conn.write_all(&buf[..n])?,
        }
    }
}

/// Sends `requests` messages, one after the other, and returns how long each took.
fn client(server: SocketAddr, requests: usize) -> io::Result<Vec<Duration>> {
    let mut conn = TcpStream::connect(server)?;
    let mut took = Vec::with_capacity(requests);
    for i in 0..requests {
        let sent = [i as u8; 64];
        let mut got = [0; 64];
        let start = time::now();
        conn.write_all(&sent)?;
        conn.read_exact(&mut got)?;
        took.push(time::since(start));
        assert_eq!(got, sent);
        ANSWERED.fetch_add(1, Ordering::Relaxed);
    }
    Ok(took)
}

/// Writes every half second how far we are, until `done`.
fn progress(all: usize, done: Receiver<()>) {
    let ticker = time::Ticker::new(500 * time::MILLISECOND);
    loop {
        select! {
            <-ticker.c() => eprint!("\r{} of {all}", ANSWERED.load(Ordering::Relaxed)),
            <-done => return eprint!("\r"),
        }
    }
}

#[goroutine]
fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1).map(|arg| arg.parse().unwrap());
    let connections = args.next().unwrap_or(50);
    let requests = args.next().unwrap_or(5000) / connections;

    let listener = TcpListener::bind("127.0.0.1:0")?;
    let server = listener.local_addr()?;
    go!({
        while let Ok((conn, _)) = listener.accept() {
            go!(echo(conn));
        }
    });

    let (done, is_done) = chan::channel::<()>(0);
    let showing = spawn(move || progress(connections * requests, is_done));
    let start = time::now();
    let clients: Vec<_> = (0..connections)
        .map(|_| spawn(move || client(server, requests)))
        .collect();
    let mut took = Vec::new();
    for client in clients {
        took.extend(client.join().unwrap()?);
    }
    let all = time::since(start);
    done.close();
    showing.join().unwrap();

    took.sort_unstable();
    let at = |share: f64| took[(took.len() as f64 * share) as usize].as_micros();
    println!("{} requests on {connections} connections", took.len());
    println!("{:.0} a second", took.len() as f64 / all.as_secs_f64());
    println!("p50 {} us, p99 {} us", at(0.5), at(0.99));
    Ok(())
}
