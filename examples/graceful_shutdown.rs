//! A server that is told to stop: it takes no new client, finishes what it has begun, and ends.
//!
//! Mirrors `signal.NotifyContext` and `server.Shutdown` of Go services. The signal is a real one,
//! which the program sends to itself.

use goroutines::net::{TcpListener, TcpStream};
use goroutines::prelude::*;
use goroutines::signal;
use std::io::{self, Read, Write};
use std::sync::Arc;

/// Takes its time for an answer.
fn answer(mut conn: TcpStream) -> io::Result<()> {
    conn.read_exact(&mut [0; 4])?;
    time::sleep(100 * time::MILLISECOND);
    conn.write_all(b"done")
}

/// Accepts until the listener is closed, then waits for the answers that are under way.
fn serve(listener: &TcpListener) {
    let busy = WaitGroup::new();
    while let Ok((conn, _)) = listener.accept() {
        busy.go(move || answer(conn).expect("the client waits"));
    }
    println!("server: no new clients");
    busy.wait();
    println!("server: every client has its answer");
}

#[goroutine]
fn main() -> io::Result<()> {
    let (ctx, stop) = signal::notify_context(&context::background(), &[signal::SIGTERM]);
    defer!(stop());
    let listener = Arc::new(TcpListener::bind("127.0.0.1:0")?);
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    go!([listener], {
        ctx.done().recv();
        println!("told to stop");
        listener.close()
    });

    let server = spawn({
        let listener = listener.clone();
        move || serve(&listener)
    });
    client.write_all(b"work")?;
    time::sleep(20 * time::MILLISECOND); // the answer is under way
    signal::raise(signal::SIGTERM)?;
    let mut got = String::new();
    client.read_to_string(&mut got)?;
    server.join().unwrap();
    println!("client: {got}");
    Ok(())
}
