//! What no handler gets to see, and what a server bears: the table of Go's server.

use super::malformed::REQUESTS;
use super::*;
use goroutines::http::{Body, Request, Response};
use goroutines::net::{UnixListener, UnixStream};
use goroutines::time;
use std::path::PathBuf;

/// The status of the one answer to `request`, after which the server closes.
fn status(running: &Running, request: &str) -> u16 {
    let mut stream = running.connect();
    // The server may close before it has read everything.
    let _ = stream.write_all(request.as_bytes());
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let answer = String::from_utf8(bytes).unwrap();
    let (_, status) = answer
        .split_once(' ')
        .unwrap_or_else(|| panic!("{request:?}: no answer"));
    assert_eq!(
        answer.matches("HTTP/1.").count(),
        1,
        "{request:?}: {answer}"
    );
    status[..3].parse().unwrap()
}

/// Go's `TestBadRequest..`, `TestHeaderToWire`, `TestUnsupportedTransferEncoding`,
/// `TestServerExpect`, and the host table of `TestServerValidatesHostHeader`.
#[test]
fn malformed_requests_as_go_answers_them() {
    let running = Running::start(|_: &Request| "fine");
    for (want, request) in REQUESTS {
        let request = match want {
            200 => request.replacen("\r\n", "\r\nConnection: close\r\n", 1),
            _ => format!("{request}GET /next HTTP/1.1\r\nHost: x\r\n\r\n"),
        };
        assert_eq!(status(&running, &request), *want, "{request:?}");
    }
}

/// After a body that is malformed nobody knows where the next request begins, and after a tunnel that is
/// refused nobody knows what comes; a tunnel's authority is no path to be redirected.
#[test]
fn what_ends_a_connection() {
    let mut mux = goroutines::http::Mux::new();
    mux.handle_func("/", |r| match r.text() {
        Ok(text) => Response::from(text),
        Err(_) => Response::error(400, "unreadable"),
    });
    let running = Running::start(mux);
    let chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (want, request) in [
        (400, format!("{chunked}zz\r\nhello\r\n0\r\n\r\n")),
        (400, format!("{chunked}5\r\nhelloXX0\r\n\r\n")),
        (400, "GET * HTTP/1.1\r\nHost: x\r\n\r\n".to_owned()),
        (
            400,
            "GET http://x:a/ HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        ),
        (404, "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n".to_owned()),
    ] {
        let answer = running.raw(&request).to_ascii_lowercase();
        assert!(answer.starts_with(&format!("http/1.1 {want} ")), "{answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    }
}

/// The end of a body that cannot be known is the connection's: what stands behind it is not taken for a request,
/// and none is passed over after which another would be answered.
#[test]
fn bodies_without_a_clear_end() {
    let mut mux = goroutines::http::Mux::new();
    mux.handle_func("/", |r| r.text());
    mux.handle_func("/unread", |_| "");
    let running = Running::start(mux);
    let next = "GET /next HTTP/1.1\r\nHost: x\r\n\r\n";
    let ask = |request: &str| {
        let mut stream = running.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answers = String::new();
        let _ = stream.read_to_string(&mut answers);
        let answers = answers.to_ascii_lowercase();
        assert_eq!(
            answers.matches("http/1.").count(),
            1,
            "{request:?}: {answers}"
        );
        assert!(answers.contains("\r\nconnection: close\r\n"), "{answers}");
        answers[9..12].parse::<u16>().unwrap()
    };
    for path in ["/", "/unread"] {
        let post = format!("POST {path} HTTP/1.1\r\nHost: x\r\n");
        let chunked = format!("{post}Transfer-Encoding: chunked\r\n\r\n");
        for trailers in ["\n", "X: y\n\r\n", "X: y\r\n\n"] {
            assert_eq!(ask(&format!("{chunked}0\r\n{trailers}{next}{next}")), 200);
        }
        // hyper's own two highest numbers.
        for length in [
            "9223372036854775808",
            "18446744073709551614",
            "018446744073709551615",
        ] {
            let head = format!("{post}Content-Length: {length}\r\n");
            assert_eq!(ask(&format!("{head}\r\n{next}")), 400);
            // After another, in one piece and in two.
            let mut stream = running.connect();
            stream.write_all(next.as_bytes()).unwrap();
            read_answer(&mut stream);
            write!(stream, "{head}\r\n{next}").unwrap();
            let (answer, _) = read_answer(&mut stream);
            assert!(answer.starts_with("http/1.1 400 "), "{answer}");
        }
    }
}

/// An answer that is on its way is not disturbed by what is malformed behind it.
#[test]
fn malformed_after_a_good_one() {
    let running = Running::start(|_: &Request| Response::new(Body::reader(&b"fine"[..])));
    let answers = running
        .raw("GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\n\r\nnonsense\r\n\r\n");
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 2, "{answers}");
    assert_eq!(
        answers.matches("4\r\nfine\r\n0\r\n\r\n").count(),
        2,
        "{answers}"
    );
    assert!(answers.ends_with("\r\n\r\n400 Bad Request"), "{answers}");
}

/// A head of thousands of fields, and one of nearly a mebibyte, are taken; what is larger is not.
#[test]
fn large_heads() {
    let running =
        Running::start(|r: &Request| format!("{} {:?}", r.headers().len(), r.text().unwrap()));
    let fields = |n: usize, len: usize| -> String {
        let value = "v".repeat(len);
        (0..n).map(|i| format!("x-{i}: {value}\r\n")).collect()
    };
    let ask = |fields: &str| {
        format!(
            "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 4\r\n{fields}\r\nbody"
        )
    };
    for (n, len) in [(5_000, 1), (9_000, 50), (10, 100_000)] {
        let answer = running.raw(&ask(&fields(n, len)));
        assert!(
            answer.ends_with(&format!("\r\n\r\n{} \"body\"", n + 3)),
            "{answer}"
        );
    }
    assert_eq!(status(&running, &ask(&fields(11_000, 1))), 431);
    assert_eq!(status(&running, &ask(&fields(20, 100_000))), 431);
    // On one connection: a large head between ordinary ones.
    let mut stream = running.connect();
    for n in [1, 200, 1] {
        write!(stream, "GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", fields(n, 1)).unwrap();
        assert_eq!(read_answer(&mut stream).1, format!("{} \"\"", n + 1));
    }
}

/// Such heads, and those of a length that hyper cannot count, where they come in one piece with what stands before
/// them: another request, a body, an empty line. The former are taken; behind the latter nothing is.
#[test]
fn large_heads_behind_something() {
    let handler = |r: &Request| format!("{} {}", r.headers().len(), r.text().unwrap());
    let running = Running::start(handler);
    let fields: String = (0..150).map(|i| format!("x-{i}: v\r\n")).collect();
    let close = "connection: close\r\n\r\n";
    let large = format!("GET / HTTP/1.1\r\nhost: x\r\n{fields}{close}");
    for length in ["", "18446744073709551614", "18446744073709551615"] {
        let head = match length {
            "" => large.clone(),
            n => format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {n}\r\n\r\n{large}"),
        };
        let ask = |stream: &mut TcpStream, before: &str| {
            write!(stream, "{before}{head}").unwrap();
        };
        let check = |mut stream: TcpStream| {
            let mut answers = String::new();
            let _ = stream.read_to_string(&mut answers);
            let wanted = match length {
                "" => ("HTTP/1.1 200 ", "\r\n\r\n152 "),
                _ => ("HTTP/1.1 400 ", "\r\n\r\n400 Bad Request"),
            };
            assert!(answers.starts_with(wanted.0), "{length}: {answers}");
            assert!(answers.ends_with(wanted.1), "{length}: {answers}");
            assert_eq!(answers.matches("HTTP/1.").count(), 1, "{length}: {answers}");
        };
        // Behind an empty line.
        let mut stream = running.connect();
        ask(&mut stream, "\r\n");
        check(stream);
        // Behind a request.
        let mut stream = running.connect();
        ask(&mut stream, "GET / HTTP/1.1\r\nhost: x\r\n\r\n");
        assert_eq!(read_answer(&mut stream).1, "1 ");
        check(stream);
        // Behind a body that comes after its head.
        let mut stream = running.connect();
        let post =
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\nexpect: 100-continue\r\n\r\n";
        stream.write_all(post.as_bytes()).unwrap();
        stream.read_exact(&mut [0; 25]).unwrap();
        ask(&mut stream, "body");
        assert_eq!(read_answer(&mut stream).1, "3 body");
        check(stream);
    }
}

/// A connection is idle when a body has come after its head, too: no head has begun.
#[test]
fn idle_after_a_body() {
    let server = Server::new("127.0.0.1:0", Request::text)
        .read_header_timeout(Duration::ZERO)
        .idle_timeout(Duration::from_millis(20));
    let running = Running::with(server);
    let post = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\nexpect: 100-continue\r\n\r\n";
    let ask = |mut stream: TcpStream| {
        stream.write_all(post.as_bytes()).ok()?;
        stream.read_exact(&mut [0; 25]).ok()?;
        stream.write_all(b"body").ok()?;
        let answer = try_answer(&mut stream).ok()?.1;
        Some((stream, answer))
    };
    // A machine that stands still may take it for an idle one before.
    let mut answered = None;
    tests::eventually("an answer within the limit", || {
        answered = ask(running.connect());
        answered.is_some()
    });
    let (mut stream, answer) = answered.unwrap();
    assert_eq!(answer, "body");
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
}

/// A head that is half there holds the end up for at most five seconds, after a first request not at
/// all (Go's `TestServerShutdownStateNew`).
#[test]
fn shutdown_with_half_a_head() {
    let server = Server::new("127.0.0.1:0", |_: &Request| "fine")
        .read_header_timeout(Duration::ZERO)
        .idle_timeout(Duration::ZERO);
    let running = Running::with(server.clone());
    let mut kept = running.connect();
    kept.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    read_answer(&mut kept);
    let mut half = running.connect();
    for stream in [&mut kept, &mut half] {
        stream.write_all(b"GET / HT").unwrap();
    }
    // Both have been seen when this one, which comes after them, has been served.
    let mut last = running.connect();
    last.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    read_answer(&mut last);
    server.shutdown(&context::background()).unwrap();
    for stream in [&mut kept, &mut half] {
        assert_eq!(stream.read(&mut [0; 64]).unwrap_or(0), 0);
    }
}

/// A client that takes a little now and then gets everything, although the kernel tells of no room
/// within the time; one that takes nothing is cut off.
#[test]
fn slow_readers() {
    // Several times what the kernel takes, which tells of room when three quarters of it are free.
    const LEN: usize = 600 << 10;
    // A machine that stands still for the whole limit takes nothing either: it must hold once.
    tests::eventually("a slow reader gets everything", || {
        let socket = SocketFile::new("slow");
        let server = Server::new("", |_: &Request| vec![b'x'; LEN]).write_timeout(time::SECOND);
        let (serving, listener) = (server.clone(), UnixListener::bind(&socket.0).unwrap());
        goroutines::go!({ serving.serve_on(listener) });
        let ask = || {
            let mut stream = UnixStream::connect(&socket.0).unwrap();
            stream
                .write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                .unwrap();
            stream
        };
        let (mut slow, mut stalled) = (ask(), ask());
        let mut seen = 0;
        let mut buf = vec![0; 16 << 10];
        while let Ok(n @ 1..) = slow.read(&mut buf) {
            seen += n;
            time::sleep(Duration::from_millis(120));
        }
        // That has taken longer than the other one had.
        let mut got = Vec::new();
        if seen > LEN {
            let _ = stalled.read_to_end(&mut got);
        }
        assert!(got.len() < LEN, "{}", got.len());
        server.close().unwrap();
        seen > LEN
    });
}

/// A client that sends a little of its body now and then is not cut off, however long that takes.
#[test]
fn slow_writers() {
    const PIECES: usize = 12;
    in_time(Duration::from_millis(100), |limit| {
        let server = Server::new("127.0.0.1:0", Request::text).error_log(|_| ());
        let running = Running::with(server.read_timeout(limit));
        let mut stream = running.connect();
        write!(
            stream,
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {PIECES}\r\n\r\n"
        )
        .ok()?;
        for _ in 0..PIECES {
            time::sleep(limit / 4);
            stream.write_all(b"x").ok()?;
        }
        let (_, body) = try_answer(&mut stream).ok()?;
        (body == "x".repeat(PIECES)).then_some(())
    });
}

/// The path of a Unix socket, which is removed again.
struct SocketFile(PathBuf);

impl SocketFile {
    fn new(name: &str) -> SocketFile {
        let name = format!("goroutines-http-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_file(&path);
        SocketFile(path)
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Listeners that somebody else has made, of TCP and of Unix.
#[test]
fn own_listeners() {
    let socket = SocketFile::new("own");
    let listener = UnixListener::bind(&socket.0).unwrap();
    let server = Server::new("", |r: &Request| {
        format!("{} {}", r.path(), r.text().unwrap())
    });
    let serving = server.clone();
    let served = spawn(move || serving.serve_on(listener));
    let mut stream = UnixStream::connect(&socket.0).unwrap();
    for i in 0..3 {
        write!(
            stream,
            "POST /{i} HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n"
        )
        .unwrap();
        stream.write_all(b"body").unwrap();
        let mut answer = Vec::new();
        let want = format!("/{i} body");
        while !answer.ends_with(want.as_bytes()) {
            let mut buf = [0; 256];
            let n = stream.read(&mut buf).unwrap();
            assert!(n > 0);
            answer.extend_from_slice(&buf[..n]);
        }
    }
    server.shutdown(&context::background()).unwrap();
    served.join().unwrap().unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    let again = UnixListener::bind(&socket.0).unwrap();
    assert_eq!(
        server.serve_on(again).unwrap_err().to_string(),
        "http: Server closed"
    );
}

/// Handlers have as much stack as was asked for.
#[test]
fn handlers_with_much_stack() {
    fn deep(n: usize) -> usize {
        let frame = std::hint::black_box([n as u8; 64 << 10]);
        if n == 0 {
            0
        } else {
            deep(n - 1) + usize::from(frame[n % frame.len()] == n as u8)
        }
    }
    let server =
        Server::new("127.0.0.1:0", |_: &Request| deep(1500).to_string()).stack_size(200 << 20);
    let running = Running::with(server);
    assert!(
        running
            .raw("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            .ends_with("1500")
    );
}
