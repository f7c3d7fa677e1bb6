//! Finds the ports of this machine that somebody listens on, a hundred at a time.
//!
//! Mirrors the port scanner of "Black Hat Go": a pool of workers that dial and tell what answered.

use goroutines::net;
use goroutines::prelude::*;
use std::io;
use std::net::TcpListener;

/// Takes ports to try, and sends on those that answer.
fn worker(ports: Receiver<u16>, open: Sender<u16>) {
    for port in ports {
        if net::dial_timeout("tcp", format!("127.0.0.1:{port}"), time::SECOND).is_ok() {
            open.send(port);
        }
    }
}

#[goroutine]
fn main() -> io::Result<()> {
    // Somebody to be found.
    let here = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    let mut expected: Vec<u16> = Vec::new();
    for listener in &here {
        expected.push(listener.local_addr()?.port());
    }
    let first = *expected.iter().min().unwrap();
    let last = *expected.iter().max().unwrap();

    let (ports, todo) = chan::channel(100);
    let (found, open) = chan::channel(100);
    for _ in 0..100 {
        go!(worker(todo.clone(), found.clone()));
    }
    drop(found); // the workers' handles are left: when they end, so does `open`
    go!({
        for port in first..=last {
            ports.send(port);
        }
    });

    let open: Vec<u16> = open.iter().collect();
    for port in expected {
        println!(
            "a port that somebody listens on is open: {}",
            open.contains(&port)
        );
    }
    println!("most ports are closed: {}", open.len() < 100);
    Ok(())
}
