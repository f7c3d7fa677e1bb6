//! The servers of the network workloads; the harness is their client.

use std::io::{self, Read, Write};

use bench_kit::{BUFFER_BYTES, HELLO, serve_until_told};
use may::go;
use may::net::{TcpListener, TcpStream};
use may_minihttp::{HttpServer, HttpService, Request, Response};

fn answer(mut stream: TcpStream) -> io::Result<()> {
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

pub fn echo() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let at = listener.local_addr().expect("bound");
    std::thread::spawn(move || serve_until_told(at));
    while let Ok((stream, _)) = listener.accept() {
        go!(move || answer(stream));
    }
}

#[derive(Clone)]
struct Hello;

impl HttpService for Hello {
    fn call(&mut self, _: Request, response: &mut Response) -> io::Result<()> {
        response.body(HELLO);
        Ok(())
    }
}

/// may_minihttp does not tell the port that it got, so one is chosen before.
pub fn http() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let at = listener.local_addr().expect("bound");
    drop(listener);
    let server = HttpServer(Hello).start(at).expect("the port is still free");
    std::thread::spawn(move || serve_until_told(at));
    server.wait();
}
