//! HTTP/2 by our own client and server, over TLS and without (Go's `h2_test.go` and the `http2Mode` runs of
//! `clientserver_test.go`).

use super::*;
use goroutines::chan::channel;
use goroutines::http::{AbortHandler, Body, Mux, Request, Response, StatusCode};
use goroutines::sync::WaitGroup;
use std::io::ErrorKind;

/// Both sides speak HTTP/2 without TLS.
pub(super) fn plain(
    handler: impl Handler,
    change: impl FnOnce(Server) -> Server,
) -> (Running, Client) {
    let server = Server::new("127.0.0.1:0", handler).unencrypted_http2();
    let client = Client::builder().unencrypted_http2().build();
    (Running::with(change(server)), client)
}

fn noise(len: usize, seed: u32) -> Vec<u8> {
    let of = |i: u32| i.wrapping_add(seed).wrapping_mul(2_654_435_761) >> 24;
    (0..len as u32).map(|i| of(i) as u8).collect()
}

/// What a handler sees is as by HTTP/1.1 (Go's `TestH12_*`): the path alone, a Host, headers, trailers of
/// none; and what it answers comes as it was.
#[test]
fn http2_is_chosen_by_alpn() {
    let mut mux = Mux::new();
    mux.handle_func("GET /version/{name}", |r| {
        format!(
            "{:?} {} {} {} {}",
            r.version(),
            r.uri(),
            r.path_value("name"),
            r.host(),
            r.header("x-some").unwrap_or("none")
        )
    });
    mux.handle_func("POST /echo", Request::bytes);
    mux.handle_func("/head", |_| {
        Response::new("12345").with_header("x-there", "yes")
    });
    mux.handle_func("/none", |_| StatusCode::NO_CONTENT);
    mux.handle_func("/hop", |_| {
        Response::new("gone").with_header("transfer-encoding", "x")
    });
    mux.handle_func("/long", |_| {
        Response::new(Body::reader(&b"12345"[..])).with_header("content-length", "3")
    });
    mux.handle_func("/interim", |_| Response::from(StatusCode::EARLY_HINTS));
    mux.handle_func("/upgrade", |_| Response::upgrade("x", |_| ()));
    let quiet = |s: Server| s.error_log(|_| ());
    let (running, client, url) = secure(mux, quiet, &[]);
    let host = format!("localhost:{}", running.addr.port());
    let get = |path: &str| client.get(format!("{url}{path}"));
    let ask = client.request("GET", format!("{url}/version/a%20b?q=1"));
    assert_eq!(
        ask.header("x-some", "header")
            .send()
            .unwrap()
            .text()
            .unwrap(),
        format!("HTTP/2.0 /version/a%20b?q=1 a b {host} header")
    );
    let ask = client.request("GET", format!("{url}/version/x"));
    let text = ask.header("host", "example.org").send().unwrap().text();
    assert!(text.unwrap().ends_with(" x example.org none"));
    let echo = client.post(format!("{url}/echo"), "x/y", "some text");
    assert_eq!(echo.unwrap().text().unwrap(), "some text");
    let head = client.head(format!("{url}/head")).unwrap();
    assert_eq!(head.header("content-length"), Some("5"));
    assert_eq!(head.header("x-there"), Some("yes"));
    assert!(head.header("date").is_some());
    assert_eq!(head.text().unwrap(), "");
    assert_eq!(get("/none").unwrap().status(), 204);
    assert_eq!(get("/hop").unwrap().text().unwrap(), "gone");
    // Broken off, with the head or without: what was not sent yet is not.
    assert!(get("/long").and_then(Response::text).is_err());
    assert_eq!(get("/interim").unwrap().status(), 200);
    assert_eq!(get("/upgrade").unwrap().status(), 400);
    assert_eq!(get("/nowhere").unwrap().status(), 404);
    // One that offers only the old one gets that; so does one that knows nothing of protocols.
    let (_running, client, url) = secure(
        |r: &Request| format!("{:?}", r.version()),
        |s| s,
        &["http/1.1"],
    );
    assert_eq!(client.get(&url).unwrap().text().unwrap(), "HTTP/1.1");
}

/// By prior knowledge, beside HTTP/1.1 on the same port, however the bytes come.
#[test]
fn http2_without_tls() {
    let version = |r: &Request| format!("{:?}", r.version());
    let (running, client) = plain(version, |s| s);
    let url = running.url("/");
    for _ in 0..3 {
        assert_eq!(client.get(&url).unwrap().text().unwrap(), "HTTP/2.0");
        assert_eq!(
            goroutines::http::get(&url).unwrap().text().unwrap(),
            "HTTP/1.1"
        );
    }
    // It begins like the preface.
    let answer = running.raw("PRI * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let mut stream = running.connect();
    stream.write_all(b"PRI * HT").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert!(stream.read_to_end(&mut Vec::new()).unwrap() < 200);
}

/// Bodies larger than any window, both ways at once and by readers, in many streams: what is sent is what
/// comes.
#[test]
fn http2_large_bodies() {
    let mut mux = Mux::new();
    mux.handle_func("/bytes", |r| r.body_limit(1 << 30).bytes());
    mux.handle_func("/down", |r| {
        let n: usize = r.query("n").unwrap().parse().unwrap();
        Response::new(Body::reader(std::io::Cursor::new(noise(n, 7))))
    });
    let (running, client) = plain(mux, |s| s);
    let done = WaitGroup::new();
    for i in 0..4 {
        let (client, url) = (client.clone(), running.url(""));
        done.go(move || {
            let bytes = noise((3 << 20) + i as usize, i);
            let reader = Body::reader(std::io::Cursor::new(bytes.clone()));
            let answer = client.post(format!("{url}/bytes"), "x/y", reader).unwrap();
            assert!(answer.bytes().unwrap() == bytes);
            let answer = client.post(format!("{url}/bytes"), "x/y", bytes.clone());
            assert!(answer.unwrap().bytes().unwrap() == bytes);
            let down = client.get(format!("{url}/down?n={}", 5 << 20)).unwrap();
            assert!(down.bytes().unwrap() == noise(5 << 20, 7));
        });
    }
    done.wait();
}

/// A reader that waits holds up nothing else; what it has given comes at once.
#[test]
fn http2_sends_what_there_is() {
    let (tx, rx) = channel::<goroutines::io::PipeReader>(1);
    let mut mux = Mux::new();
    mux.handle_func("/events", move |_| {
        Response::new(Body::reader(rx.recv().unwrap()))
    });
    mux.handle_func("/", |_| "fine");
    let (running, client) = plain(mux, |s| s);
    let (reader, mut writer) = goroutines::io::pipe();
    tx.send(reader);
    let mut events = client.get(running.url("/events")).unwrap();
    for i in 0..5 {
        let line = format!("event {i}\n");
        writer.write_all(line.as_bytes()).unwrap();
        let mut got = vec![0; line.len()];
        events.read_exact(&mut got).unwrap();
        assert_eq!(got, line.as_bytes());
        let other = client.get(running.url("/")).unwrap();
        assert_eq!(other.text().unwrap(), "fine");
    }
    drop(writer);
    assert_eq!(events.read(&mut [0; 8]).unwrap(), 0);
}

/// A time-out, a context and a dropped answer end their stream, and the server's handler gets to know it;
/// the connection goes on (Go's `TestCancelRequest..`, `testTransportCancelRequest`).
#[test]
fn http2_ends_one_stream() {
    let (gone, ended) = channel(100);
    let (begun, begins) = channel(100);
    let mut mux = Mux::new();
    mux.handle_func("/wait", move |r| {
        let ctx = r.context();
        begun.send(());
        ctx.done().recv();
        gone.send("handler");
    });
    let (gone, bodies) = channel(1);
    mux.handle_func("/endless", move |r| {
        let (ctx, gone) = (r.context(), gone.clone());
        goroutines::go!(move || {
            ctx.done().recv();
            gone.send("body");
        });
        Response::new(Body::reader(std::io::repeat(7)))
    });
    let (sent, uploads) = channel(100);
    mux.handle_func("/upload", move |r| {
        let mut all = Vec::new();
        let failed = r.body().read_to_end(&mut all);
        sent.send(failed.is_err());
    });
    mux.handle_func("/port", |r| r.remote_addr().port().to_string());
    let (running, client) = plain(mux, |s| s);
    let port = || client.get(running.url("/port")).unwrap().text().unwrap();
    let before = port();
    in_time(Duration::from_millis(50), |limit| {
        let ask = client.request("GET", running.url("/wait")).timeout(limit);
        assert_eq!(ask.send().unwrap_err().kind(), ErrorKind::TimedOut);
        // If it came to the handler in time.
        begins.recv_timeout(limit).ok()
    });
    assert_eq!(ended.recv(), Some("handler"));
    let (ctx, cancel) = context::with_cancel(&context::background());
    goroutines::go!(move || {
        begins.recv();
        cancel();
    });
    let ask = client.request("GET", running.url("/wait")).context(&ctx);
    assert_eq!(ask.send().unwrap_err().to_string(), "context canceled");
    assert_eq!(ended.recv(), Some("handler"));
    let mut endless = client.get(running.url("/endless")).unwrap();
    endless.read_exact(&mut [0; 100_000]).unwrap();
    drop(endless);
    assert_eq!(bodies.recv(), Some("body"));
    in_time(Duration::from_millis(50), |limit| {
        let (reader, mut writer) = goroutines::io::pipe();
        let ask = client.request("POST", running.url("/upload"));
        let ask = ask.timeout(limit).body(Body::reader(reader));
        goroutines::go!(move || {
            let _ = writer.write_all(b"a part");
            // Kept open until nobody reads.
            while writer.write_all(b"x").is_ok() {
                goroutines::time::sleep(Duration::from_millis(5));
            }
        });
        assert_eq!(ask.send().unwrap_err().kind(), ErrorKind::TimedOut);
        uploads
            .recv_timeout(limit)
            .ok()
            .map(|failed| assert!(failed))
    });
    assert_eq!(port(), before);
}

/// A panic, of a handler or of a reader, ends its stream and nothing else; the first is logged with its
/// path, `AbortHandler` is not (Go's `testHandlerPanic`).
#[test]
fn http2_panics() {
    let (logged, log) = channel(8);
    let mut mux = Mux::new();
    mux.handle_func("/boom", |_| -> &str { panic!("wanted by this test") });
    mux.handle_func("/abort", |_| -> &str {
        std::panic::panic_any(AbortHandler)
    });
    mux.handle_func("/reader", |_| {
        struct Boom(bool);
        impl Read for Boom {
            fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
                assert!(!self.0, "wanted by this test, too");
                self.0 = true;
                buf[0] = b'x';
                Ok(1)
            }
        }
        Response::new(Body::reader(Boom(false)))
    });
    mux.handle_func("/fine", |_| "fine");
    let log_to = |s: Server| s.error_log(move |line| logged.send(line.to_owned()));
    let (running, client) = plain(mux, log_to);
    assert!(client.get(running.url("/boom")).is_err());
    let line = log.recv().unwrap();
    assert!(
        line.contains("GET /boom: panic: wanted by this test"),
        "{line}"
    );
    assert!(client.get(running.url("/abort")).is_err());
    let answer = client.get(running.url("/reader"));
    assert!(answer.and_then(Response::text).is_err());
    assert!(log.recv().unwrap().contains("GET /reader: panic: "));
    assert_eq!(
        client.get(running.url("/fine")).unwrap().text().unwrap(),
        "fine"
    );
    assert!(log.try_recv().is_err());
}

/// `shutdown` lets what has begun be answered, and the client goes elsewhere for what comes after (Go's
/// `TestServerShutdown` by HTTP/2); idle connections and silent ones end.
#[test]
fn http2_shutdown() {
    let (begun, begins) = channel(0);
    let (go_on, going) = channel::<()>(0);
    let handler = move |r: &Request| {
        if r.path() == "/slow" {
            begun.send(());
            going.recv();
        }
        "answered"
    };
    let (running, client) = plain(handler, |s| s);
    let slow = {
        let (client, url) = (client.clone(), running.url("/slow"));
        spawn(move || client.get(url).unwrap().text().unwrap())
    };
    begins.recv();
    let (server, limit) = (running.server.clone(), Duration::from_secs(60));
    let ending =
        spawn(move || server.shutdown(&context::with_timeout(&context::background(), limit).0));
    // No more by this connection, and there is no other.
    while client.get(running.url("/")).is_ok() {}
    go_on.send(());
    assert_eq!(slow.join().unwrap(), "answered");
    ending.join().unwrap().unwrap();
    // Idle ones.
    let (running, client) = plain(|_: &Request| "x", |s| s);
    client.get(running.url("/")).unwrap().text().unwrap();
    running.server.shutdown(&context::background()).unwrap();
    // `close` cuts off.
    let (begun, begins) = channel(0);
    let handler = move |r: &Request| {
        let ctx = r.context();
        begun.send(());
        ctx.done().recv();
    };
    let (running, client) = plain(handler, |s| s);
    let asking = {
        let (client, url) = (client.clone(), running.url("/"));
        spawn(move || client.get(url).is_err())
    };
    begins.recv();
    running.server.close().unwrap();
    assert!(asking.join().unwrap());
}

/// A client that has nothing to ask is sent away; it asks by another connection next time.
#[test]
fn http2_idle_connections_end() {
    let port = |r: &Request| r.remote_addr().port().to_string();
    let (running, client) = plain(port, |s| s.idle_timeout(Duration::from_millis(20)));
    // (A connection may end before it is asked for the first time; then another one is.)
    let ask = || loop {
        if let Ok(answer) = client.get(running.url("/")) {
            return answer.text().unwrap();
        }
    };
    let first = ask();
    while ask() == first {
        goroutines::time::sleep(Duration::from_millis(40));
    }
}

/// A client that takes nothing of a body, and says so by its window, loses that stream after the server's
/// time; what it asks beside that is answered.
#[test]
fn http2_stalled_streams_end() {
    // The time is that for all that is written, also what is answered beside.
    in_time(Duration::from_millis(60), |limit| {
        let mut mux = Mux::new();
        let (gone, ended) = channel(1);
        mux.handle_func("/endless", move |r| {
            let (ctx, gone) = (r.context(), gone.clone());
            goroutines::go!(move || {
                ctx.done().recv();
                gone.send(());
            });
            Response::new(Body::reader(std::io::repeat(7)))
        });
        mux.handle_func("/", |_| "fine");
        let (running, client) = plain(mux, |s| s.write_timeout(limit));
        let mut endless = client.get(running.url("/endless")).ok()?;
        assert_eq!(ended.recv(), Some(()));
        let beside = client.get(running.url("/")).ok()?.text().ok()?;
        assert_eq!(beside, "fine");
        // What had come is there; then it breaks off.
        let mut buf = vec![0; 1 << 16];
        let e = loop {
            match endless.read(&mut buf) {
                Ok(n) => assert!(n > 0),
                Err(e) => break e,
            }
        };
        assert!(!e.to_string().is_empty());
        Some(())
    });
}

/// `TimeoutHandler` by HTTP/2, whose handler waits for a body that does not come.
#[test]
fn http2_timeout_handler() {
    let slow = |r: &Request| r.text().unwrap_or_default();
    let handler =
        goroutines::http::TimeoutHandler::new(slow, Duration::from_millis(20)).text("late");
    let (running, client) = plain(handler, |s| s);
    let (reader, writer) = goroutines::io::pipe();
    let answer = client
        .post(running.url("/"), "x/y", Body::reader(reader))
        .unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.text().unwrap(), "late");
    drop(writer);
}
