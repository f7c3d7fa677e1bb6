//! Five hundred goroutines that wait for the network, and how many threads they need.
//!
//! Mirrors "one goroutine for each connection": a read without data parks a goroutine, no thread.

use goroutines::net::{TcpListener, TcpStream};
use goroutines::prelude::*;
use std::io::{self, Read};

const CONNECTIONS: usize = 500;

#[goroutine(procs = 2)]
fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let waiting = WaitGroup::new();
    let ended = WaitGroup::new();
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(TcpStream::connect(listener.local_addr()?)?);
        let (mut conn, _) = listener.accept()?;
        waiting.add(1);
        ended.add(1);
        go!([waiting, ended], {
            waiting.done();
            let read = conn.read(&mut [0]); // nothing comes until the client goes
            assert!(matches!(read, Ok(0)), "{read:?}");
            ended.done();
        });
    }
    waiting.wait();
    let threads = runtime::metrics().threads;
    println!(
        "{} goroutines, fewer than ten threads: {}",
        runtime::num_goroutine(),
        threads < 10
    );
    drop(clients);
    ended.wait();
    println!("all have seen the end");
    Ok(())
}
