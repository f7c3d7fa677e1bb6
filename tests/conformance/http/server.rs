//! The server, mostly seen from a bare socket.

use super::*;
use goroutines::chan::channel;
use goroutines::http::{AbortHandler, Body, Mux, Request, Response, StatusCode};
use goroutines::time;
use std::io::ErrorKind;
use std::net::Shutdown;
use std::panic::panic_any;
use std::sync::Mutex;

const GET: &str = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
const LAST: &str = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

/// Hosts and paths choose the handler.
#[test]
fn host_handlers() {
    let mut mux = Mux::new();
    mux.handle_func("someHost.com/someDir/", |_| "someHost");
    mux.handle_func("/someDir/", |_| "any host");
    let running = Running::start(mux);
    let ask = |host: &str, path: &str| {
        running.raw(&format!(
            "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
        ))
    };
    assert!(ask("someHost.com", "/someDir/apage").ends_with("\r\n\r\nsomeHost"));
    assert!(ask("otherHost.com", "/someDir/apage").ends_with("\r\n\r\nany host"));
    assert!(ask("otherHost.com", "/").starts_with("HTTP/1.1 404"));
    assert!(ask("someHost.com", "/someDir").starts_with("HTTP/1.1 307"));
}

/// Many requests on one connection, one after the other and all at once.
#[test]
fn keep_alive_and_pipelining() {
    let running = Running::start(|r: &Request| r.path().to_owned());
    let mut stream = running.connect();
    for i in 0..100 {
        write!(stream, "GET /{i} HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        assert_eq!(read_answer(&mut stream).1, format!("/{i}"));
    }
    let all: String = (0..50)
        .map(|i| format!("GET /p{i} HTTP/1.1\r\nhost: x\r\n\r\n"))
        .collect();
    stream.write_all(all.as_bytes()).unwrap();
    for i in 0..50 {
        assert_eq!(read_answer(&mut stream).1, format!("/p{i}"));
    }
    let old = running.raw("GET /old HTTP/1.0\r\n\r\n");
    assert!(old.ends_with("\r\n\r\n/old"), "{old}");
}

/// A body is read as it comes, in pieces, with a length and in chunks.
#[test]
fn bodies_come_in_pieces() {
    let (begun, begins) = channel(2);
    let running = Running::start(move |r: &Request| {
        let mut lines = Vec::new();
        let mut buf = [0; 4];
        let mut body = r.body();
        loop {
            match body.read(&mut buf).unwrap() {
                0 => return lines.concat(),
                n => lines.push(format!("[{}]", std::str::from_utf8(&buf[..n]).unwrap())),
            }
            let _ = begun.try_send(());
        }
    });
    let mut stream = running.connect();
    stream
        .write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc")
        .unwrap();
    begins.recv();
    stream.write_all(b"defghi").unwrap();
    assert_eq!(read_answer(&mut stream).1, "[abc][defg][hi]");
    let chunked = "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n\
        3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    stream.write_all(chunked.as_bytes()).unwrap();
    assert_eq!(read_answer(&mut stream).1, "[abc][de]");
}

/// An answer is sent as it is made: the first part arrives while the handler's source waits.
#[test]
fn answers_go_out_in_pieces() {
    let (tx, rx) = channel::<()>(0);
    let rx = Mutex::new(Some(rx));
    let running = Running::start(move |_: &Request| {
        let rx = rx.lock().unwrap().take().unwrap();
        let (reader, mut writer) = goroutines::io::pipe();
        goroutines::go!(move || {
            writer.write_all(b"first").unwrap();
            rx.recv();
            writer.write_all(b"second").unwrap();
        });
        Response::new(Body::reader(reader))
    });
    let mut stream = running.connect();
    stream.write_all(LAST.as_bytes()).unwrap();
    let mut seen = Vec::new();
    let mut buf = [0; 256];
    while !String::from_utf8_lossy(&seen).contains("first") {
        let n = stream.read(&mut buf).unwrap();
        assert!(n > 0);
        seen.extend_from_slice(&buf[..n]);
    }
    tx.send(());
    stream.read_to_end(&mut seen).unwrap();
    let seen = String::from_utf8_lossy(&seen);
    assert!(seen.ends_with("6\r\nsecond\r\n0\r\n\r\n"), "{seen}");
}

struct PanickingReader;

impl Read for PanickingReader {
    fn read(&mut self, _buf: &mut [u8]) -> std::io::Result<usize> {
        panic_any("a reader's panic, wanted by this test")
    }
}

/// A panicking handler, or a reader that it returns, ends its connection, before anything was sent,
/// and no other.
#[test]
fn handler_panic() {
    let mut mux = Mux::new();
    mux.handle_func("/boom", |_| -> () {
        panic_any("a handler's panic, wanted by this test")
    });
    mux.handle_func("/abort", |_| -> () { panic_any(AbortHandler) });
    mux.handle_func("/reader", |_| Response::new(Body::reader(PanickingReader)));
    mux.handle_func("/", |_| "fine");
    let running = Running::start(mux);
    let mut other = running.connect();
    other.write_all(GET.as_bytes()).unwrap();
    read_answer(&mut other);
    for path in ["/boom", "/abort", "/reader"] {
        assert_eq!(
            running.raw(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")),
            ""
        );
    }
    other.write_all(GET.as_bytes()).unwrap();
    assert_eq!(read_answer(&mut other).1, "fine");
}

/// What is no HTTP gets 400, a head too large 431, and the connection ends.
#[test]
fn malformed_requests() {
    let server = Server::new("127.0.0.1:0", |_: &Request| "?").max_header_bytes(4096);
    let running = Running::with(server.clone());
    let answer = running.raw("nonsense\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let large = format!(
        "GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n",
        "y".repeat(10_000)
    );
    assert!(running.raw(&large).starts_with("HTTP/1.1 431"));
    for hosts in ["", "host: a\r\nhost: b\r\n"] {
        let answer = running.raw(&format!(
            "GET / HTTP/1.1\r\nconnection: close\r\n{hosts}\r\n"
        ));
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    let _ = server.idle_timeout(Duration::from_millis(50));
    assert_eq!(running.raw(""), "", "nothing asked, nothing answered");
}

/// A client that sends its head drop by drop is cut off when the time for it is over, however
/// regular the drops; one that is idle likewise.
#[test]
fn server_timeouts() {
    let limit = Duration::from_millis(150);
    let server = Server::new("127.0.0.1:0", |_: &Request| "?")
        .read_header_timeout(limit)
        .idle_timeout(limit);
    let running = Running::with(server);
    let begin = Instant::now();
    let mut slow = running.connect();
    while slow.write_all(b"G").is_ok() && begin.elapsed() < Duration::from_secs(90) {
        time::sleep(Duration::from_millis(10));
    }
    assert!(begin.elapsed() >= limit && begin.elapsed() < Duration::from_secs(60));

    in_time(limit, |limit| {
        let server = Server::new("127.0.0.1:0", |_: &Request| "?").idle_timeout(limit);
        let running = Running::with(server);
        let begin = Instant::now();
        let mut idle = running.connect();
        // It may have been idle for too long before it asked.
        idle.write_all(GET.as_bytes()).ok()?;
        try_answer(&mut idle).ok()?;
        assert_eq!(idle.read(&mut [0]).unwrap(), 0);
        assert!(begin.elapsed() >= limit);
        Some(())
    });
}

/// A body that stops coming ends the handler's read, and a client that does not read ends the
/// connection.
#[test]
fn server_read_and_write_timeouts() {
    let limited = |limit| {
        let server = Server::new("127.0.0.1:0", |r: &Request| match r.bytes() {
            Ok(_) => Response::new(Body::reader(std::io::repeat(b'x'))),
            Err(e) => {
                assert_eq!(e.kind(), ErrorKind::TimedOut);
                Response::error(408, "too slow")
            }
        });
        Running::with(server.read_timeout(limit).write_timeout(limit))
    };
    let limit = Duration::from_millis(100);
    in_time(limit, |limit| {
        let half = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf";
        let answer = limited(limit).raw(half);
        // The time for the head, or for this answer, may be over too.
        let cut_off = answer.is_empty();
        assert!(cut_off || answer.starts_with("HTTP/1.1 408"), "{answer}");
        (!cut_off).then_some(())
    });
    let running = limited(limit);

    // Never read: the answer has no end, so only the timeout can end the connection.
    let mut deaf = running.connect();
    deaf.write_all(GET.as_bytes()).unwrap();
    running.server.shutdown(&context::background()).unwrap();
}

/// `shutdown` closes idle connections at once, lets busy ones answer, takes no new ones, and returns
/// when all are gone.
#[test]
fn server_shutdown() {
    let (entered_tx, entered) = channel(0);
    let (go_on, wait) = channel::<()>(0);
    let running = Running::start(move |r: &Request| {
        if r.path() == "/busy" {
            entered_tx.send(());
            wait.recv();
        }
        "done"
    });
    let mut idle = running.connect();
    idle.write_all(GET.as_bytes()).unwrap();
    read_answer(&mut idle);
    let mut busy = running.connect();
    busy.write_all(b"GET /busy HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    entered.recv();

    let (soon, _cancel) = context::with_timeout(&context::background(), Duration::from_millis(30));
    let e = running.server.shutdown(&soon).unwrap_err();
    assert_eq!(e.to_string(), "context deadline exceeded");
    assert_eq!(
        idle.read(&mut [0]).unwrap(),
        0,
        "an idle connection is closed"
    );
    assert!(TcpStream::connect(running.addr).is_err(), "nobody listens");

    let server = running.server.clone();
    let ending = spawn(move || server.shutdown(&context::background()));
    go_on.send(());
    let (head, body) = read_answer(&mut busy);
    assert_eq!(body, "done");
    assert!(head.contains("connection: close"), "{head}");
    assert_eq!(busy.read(&mut [0]).unwrap(), 0);
    ending.join().unwrap().unwrap();
}

/// Connections come and go while the server ends: it ends all the same.
#[test]
fn shutdown_under_load() {
    for _ in 0..20 {
        let running = Running::start(|_: &Request| "x");
        let clients: Vec<_> = (0..4)
            .map(|_| {
                let addr = running.addr;
                spawn(move || {
                    while let Ok(mut stream) = TcpStream::connect(addr) {
                        let mut buf = [0; 512];
                        for _ in 0..3 {
                            if stream.write_all(GET.as_bytes()).is_err()
                                || !matches!(stream.read(&mut buf), Ok(n) if n > 0)
                            {
                                break;
                            }
                        }
                    }
                })
            })
            .collect();
        time::sleep(Duration::from_millis(5));
        running.server.shutdown(&context::background()).unwrap();
        for c in clients {
            c.join().unwrap();
        }
    }
}

/// The context of a request is cancelled when its client goes away, and when its handler returns.
#[test]
fn request_context_cancel() {
    let (tx, rx) = channel(2);
    let running = Running::start(move |r: &Request| {
        let ctx = r.context();
        if r.path() == "/wait" {
            ctx.done().recv();
            tx.send(ctx.clone());
        } else {
            assert!(ctx.err().is_none());
            tx.send(ctx);
        }
        "over"
    });
    let mut stream = running.connect();
    stream
        .write_all(b"POST /wait HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
        .unwrap();
    time::sleep(Duration::from_millis(10));
    drop(stream);
    assert_eq!(
        rx.recv().unwrap().err().unwrap().to_string(),
        "context canceled"
    );

    // The watch does no harm to the next request on the connection.
    let mut stream = running.connect();
    for _ in 0..20 {
        stream.write_all(GET.as_bytes()).unwrap();
        assert_eq!(read_answer(&mut stream).1, "over");
        assert!(rx.recv().unwrap().err().is_some());
    }
}

/// Reads what a streamed answer sends, in its chunks, until `stop` is in it or it ends.
fn read_until(stream: &mut TcpStream, stop: &str) -> String {
    let mut text = String::new();
    let mut buf = [0; 256];
    while !text.contains(stop) {
        match stream.read(&mut buf).unwrap() {
            0 => break,
            n => text.push_str(std::str::from_utf8(&buf[..n]).unwrap()),
        }
    }
    text
}

/// The context lives as long as an answer that is streamed, and ends when its client goes away
/// while there is nothing to send.
#[test]
fn context_of_a_streamed_answer() {
    let (tx, cancelled) = channel(2);
    let running = Running::start(move |r: &Request| {
        let (reader, mut writer) = goroutines::io::pipe();
        let ctx = r.context();
        let endless = r.path() == "/endless";
        goroutines::go!([tx], {
            for i in 0..3 {
                assert!(ctx.err().is_none());
                writer.write_all(format!("event-{i}").as_bytes()).unwrap();
            }
            if endless {
                ctx.done().recv();
                // The first may still be taken.
                while writer.write_all(b"nobody").is_ok() {}
            } else {
                drop(writer);
                ctx.done().recv();
            }
            tx.send(());
        });
        Response::new(Body::reader(reader))
    });
    let mut stream = running.connect();
    for _ in 0..3 {
        stream.write_all(GET.as_bytes()).unwrap();
        let text = read_until(&mut stream, "0\r\n\r\n");
        assert!(text.contains("event-2"), "{text}");
        cancelled.recv().unwrap();
    }
    stream
        .write_all(b"GET /endless HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    read_until(&mut stream, "event-2");
    assert!(cancelled.try_recv().is_err());
    drop(stream);
    cancelled.recv().unwrap();
}

/// A client that closes its half after the request gets its answer.
#[test]
fn half_closed_client() {
    let running = Running::start(|r: &Request| {
        time::sleep(Duration::from_millis(20));
        r.text()
    });
    let mut stream = running.connect();
    stream
        .write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi")
        .unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_answer(&mut stream).1, "hi");
    assert_eq!(stream.read(&mut [0; 8]).unwrap(), 0);
}

/// `Expect: 100-continue` is answered when the handler reads the body, and not if it does not.
#[test]
fn server_expect() {
    let running = Running::start(|r: &Request| match r.path() {
        "/read" => r.text().unwrap().into(),
        _ => Response::error(StatusCode::UNAUTHORIZED, "no"),
    });
    let head = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n"
        )
    };
    let mut stream = running.connect();
    stream.write_all(head("/read").as_bytes()).unwrap();
    let mut told = [0; 25];
    stream.read_exact(&mut told).unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"data").unwrap();
    assert_eq!(read_answer(&mut stream).1, "data");
    stream.write_all(head("/refuse").as_bytes()).unwrap();
    assert!(read_answer(&mut stream).0.starts_with("http/1.1 401"));
}

/// A body that the handler did not read does not disturb: a small one is passed over, and the
/// answer to a large one arrives although it is not read.
#[test]
fn unread_bodies() {
    let running = Running::start(|_: &Request| "not read");
    let mut stream = running.connect();
    for _ in 0..3 {
        stream
            .write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello")
            .unwrap();
        assert_eq!(read_answer(&mut stream).1, "not read");
    }
    let mut stream = running.connect();
    let len = 10 << 20;
    write!(
        stream,
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {len}\r\n\r\n"
    )
    .unwrap();
    let _ = stream.write_all(&vec![b'x'; 100_000]);
    assert_eq!(read_answer(&mut stream).1, "not read");
}

/// A handler may answer from the body while it still comes.
#[test]
fn concurrent_read_write_of_the_body() {
    let running = Running::start(|r: &Request| {
        let mut all = Vec::new();
        goroutines::scope(|s| {
            // From another goroutine than the handler's.
            s.go(|| {
                r.body().read_to_end(&mut all).unwrap();
            });
        });
        all
    });
    let body = "y".repeat(300_000);
    let mut stream = running.connect();
    write!(
        stream,
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 300000\r\n\r\n{body}"
    )
    .unwrap();
    assert_eq!(read_answer(&mut stream).1, body);
}

/// HEAD has the head of GET's answer and no body.
#[test]
fn head_has_no_body() {
    let running = Running::start(|_: &Request| "hello");
    let answer = running.raw("HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let answer = answer.to_ascii_lowercase();
    assert!(answer.contains("content-length: 5"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}
