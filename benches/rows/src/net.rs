//! The servers of the network workloads; the harness is their client.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use bench_kit::{Args, BUFFER_BYTES, HELLO, serve_until_told};
use goroutines::http::{Request, Response, Server};
use goroutines::net::{TcpListener, TcpStream};
use goroutines::prelude::*;

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; BUFFER_BYTES];
    loop {
        let n = stream.read(&mut buffer)?;
        if n == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..n])?;
    }
}

/// Sends back what it reads, one goroutine per connection.
pub(crate) fn echo() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let at = listener.local_addr().expect("bound");
    std::thread::spawn(move || serve_until_told(at));
    while let Ok((stream, _)) = listener.accept() {
        go!(answer(stream));
    }
}

/// [`echo`] beside goroutines that each look at something once a second, at even distances.
pub(crate) fn echo_and_ticks(args: &Args) {
    let ticks = args.num("ticks") as u32;
    for i in 0..ticks {
        go!({
            time::sleep(Duration::from_secs(1) * i / ticks);
            loop {
                time::sleep(Duration::from_secs(1));
            }
        });
    }
    echo();
}

/// Answers every request with the same line.
pub(crate) fn http() {
    let server = Server::new("127.0.0.1:0", |_: &Request| Response::new(HELLO));
    let at = server.local_addr().expect("a free port");
    std::thread::spawn(move || serve_until_told(at));
    server.serve().expect("accepts until told");
}
