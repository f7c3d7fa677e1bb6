//! Servers under load and under attack: nothing is lost, nothing spins, everything comes back.
//!
//! One test at a time, for they look at the CPU time, the descriptors and the memory of the whole
//! process. `LOAD_SCALE=10` multiplies the numbers of connections by ten (10,000 idle and 1,000 busy
//! ones, which needs 25,000 descriptors). What they look at is in `/proc`.
#![cfg(target_os = "linux")]

mod attack;
mod crowd;
mod exhaustion;
mod process;

use goroutines::http::{Request, Server};
use goroutines::net::{TcpListener, TcpStream};
use goroutines::{go, runtime};
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Held by each test.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `test`, the body of the test `name`, in a process of its own, which has at most so many
/// descriptors.
fn in_own_process(name: &str, descriptors: usize, test: impl FnOnce()) {
    if std::env::var("LOAD_CHILD").is_ok_and(|child| child == name) {
        return test();
    }
    let _alone = alone();
    let script = "ulimit -n \"$1\" && exec \"$0\" --exact \"$2\" --nocapture";
    let status = Command::new("sh")
        .args(["-c", script])
        .arg(std::env::current_exe().unwrap())
        .args([&descriptors.to_string(), name])
        .env("LOAD_CHILD", name)
        .status()
        .unwrap();
    assert!(status.success(), "{name}: {status}");
}

fn scale() -> usize {
    std::env::var("LOAD_SCALE").map_or(1, |s| s.parse().expect("LOAD_SCALE is a number"))
}

/// Sends back what it reads. The buffer is small enough for the one page of an idle goroutine.
fn echo(mut stream: TcpStream) -> io::Result<()> {
    let mut buf = [0; 256];
    loop {
        match stream.read(&mut buf)? {
            0 => return Ok(()),
            n => stream.write_all(&buf[..n])?,
        }
    }
}

/// An echo server, until `stop`.
struct EchoServer {
    listener: std::sync::Arc<TcpListener>,
    addr: SocketAddr,
}

impl EchoServer {
    fn start() -> EchoServer {
        let listener = std::sync::Arc::new(TcpListener::bind("127.0.0.1:0").unwrap());
        let addr = listener.local_addr().unwrap();
        let accepting = listener.clone();
        go!(move || {
            while let Ok((stream, _)) = accepting.accept() {
                go!(echo(stream));
            }
        });
        EchoServer { listener, addr }
    }

    /// Stops listening, and waits until all its goroutines have ended.
    fn stop(self, goroutines_before: usize) {
        self.listener.close().unwrap();
        eventually("the server's goroutines end", || {
            runtime::num_goroutine() <= goroutines_before
        });
    }
}

/// An HTTP server on a free port; `close` ends it.
fn start_http(server: Server) -> (Server, SocketAddr) {
    let addr = server.local_addr().unwrap();
    let serving = server.clone();
    go!(move || serving.serve().unwrap());
    (server, addr)
}

fn hello(_: &Request) -> &'static str {
    "hello"
}

/// A client that knows nothing of the runtime.
fn foreign_client(addr: SocketAddr) -> std::net::TcpStream {
    let stream = std::net::TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(tests::patience(60))).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// One message there and back.
fn ping(mut stream: &std::net::TcpStream, text: &[u8]) {
    stream.write_all(text).unwrap();
    let mut buf = vec![0; text.len()];
    stream.read_exact(&mut buf).unwrap();
    assert_eq!(buf, text);
}

/// Waits until `condition` holds; fails after a minute.
#[track_caller]
fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let mut waited = tests::Waited::new();
    while !condition() {
        assert!(
            waited.look() < tests::patience(60),
            "never happened: {what}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}
