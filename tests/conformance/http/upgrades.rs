//! Connections that a handler takes over, and such as are encrypted.

use super::*;
use goroutines::chan::channel;
use goroutines::http::{Mux, Request, Response};
use std::io::{BufRead, BufReader};
use tungstenite::handshake::derive_accept_key;
use tungstenite::protocol::Role;
use tungstenite::{Message, WebSocket};

/// Sends every message back, until the client closes.
fn echo(req: &Request) -> Response {
    let Some(key) = req.header("sec-websocket-key") else {
        return Response::error(400, "no WebSocket");
    };
    let accept = derive_accept_key(key.as_bytes());
    let answer = Response::upgrade("websocket", |conn| {
        let mut socket = WebSocket::from_raw_socket(conn, Role::Server, None);
        while let Ok(message) = socket.read() {
            if (message.is_text() || message.is_binary()) && socket.send(message).is_err() {
                break;
            }
        }
    });
    answer.with_header("sec-websocket-accept", accept)
}

/// WebSockets by tungstenite, many messages of all sizes, and an ordinary request before.
#[test]
fn websockets() {
    let mut mux = Mux::new();
    mux.handle_func("/echo", echo);
    let running = Running::start(mux);
    let url = format!("ws://{}/echo", running.addr);
    assert_eq!(
        goroutines::http::get(running.url("/echo"))
            .unwrap()
            .status(),
        400
    );
    let (mut socket, answer) = tungstenite::client(url, running.connect()).unwrap();
    assert_eq!(answer.status(), 101);
    for len in [0, 1, 125, 126, 65_535, 65_536, 1 << 20] {
        let text = Message::text("x".repeat(len));
        socket.send(text.clone()).unwrap();
        assert_eq!(socket.read().unwrap(), text);
    }
    // The end of the server does not wait for it, and does not end it.
    running.server.shutdown(&context::background()).unwrap();
    socket.send(Message::text("still here")).unwrap();
    assert_eq!(socket.read().unwrap(), Message::text("still here"));
    socket.close(None).unwrap();
    while socket.read().is_ok() {}
}

/// A connection taken over without an answer, with what had come behind the request (Go's
/// `TestHijackAfterRequestHandled`'s kind, `TestHandlerSetsBodyNil`); where that cannot be, 400.
#[test]
fn hijack() {
    let (ended, ends) = channel(1);
    let mut mux = Mux::new();
    mux.handle_func("/raw", move |_| {
        let ended = ended.clone();
        Response::hijack(move |conn| {
            let mut lines = BufReader::new(&conn).lines();
            let line = lines.next().unwrap().unwrap();
            write!(&conn, "you said {line}").unwrap();
            ended.send(lines.next().is_none());
        })
    });
    mux.handle_func("/boom", |_| {
        Response::hijack(|_| panic!("a handler's panic, wanted by this test"))
    });
    mux.handle_func("/", |_| "fine");
    let running = Running::start(mux);
    let mut stream = running.connect();
    let all =
        "GET / HTTP/1.1\r\nhost: x\r\n\r\nGET /raw HTTP/1.1\r\nhost: x\r\n\r\nGET /no request";
    stream.write_all(all.as_bytes()).unwrap();
    assert_eq!(read_answer(&mut stream).1, "fine");
    stream.write_all(b" at all\n").unwrap();
    let mut got = vec![0; "you said GET /no request at all".len()];
    stream.read_exact(&mut got).unwrap();
    assert_eq!(
        String::from_utf8(got).unwrap(),
        "you said GET /no request at all"
    );
    drop(stream);
    assert_eq!(ends.recv(), Some(true));
    let unread =
        "POST /raw HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbody";
    for request in ["GET /raw HTTP/1.0\r\n\r\n", unread] {
        let answer = running.raw(request);
        assert!(answer.contains(" 400 Bad Request\r\n"), "{answer}");
    }
    assert_eq!(running.raw("GET /boom HTTP/1.1\r\nhost: x\r\n\r\n"), "");
}

/// What comes behind a body whose end is unclear is the protocol's, not a request: the connection is taken over all
/// the same, and its answer says so.
#[test]
fn upgrade_after_trailers() {
    let running = Running::start(|r: &Request| {
        assert_eq!(r.text().unwrap(), "abc");
        Response::upgrade("raw", |mut conn| conn.write_all(b"bytes").unwrap())
    });
    let answer = running
        .raw(
            "POST / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: raw\r\n\
             transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\na: 1\r\n\r\n",
        )
        .to_ascii_lowercase();
    assert!(answer.starts_with("http/1.1 101 "), "{answer}");
    assert!(answer.contains("\r\nconnection: upgrade\r\n"), "{answer}");
    assert!(!answer.contains("close"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nbytes"), "{answer}");
}

/// Both sides encrypted: bodies both ways, kept connections, a client that goes, one that speaks no TLS,
/// a connection taken over.
#[test]
fn tls_server() {
    let (gone, clients) = channel(100);
    let mut mux = Mux::new();
    mux.handle_func("/echo", |r| r.body_limit(1 << 30).bytes());
    mux.handle_func("/port", |r| r.remote_addr().port().to_string());
    mux.handle_func("/wait", move |r| {
        r.context().done().recv();
        gone.send(());
    });
    mux.handle_func("/raw", |_| {
        Response::upgrade("raw", |mut conn| conn.write_all(b"bytes").unwrap())
    });
    let (running, client, url) = secure(mux, |s| s, &["http/1.1"]);
    let bytes: Vec<u8> = (0..3u32 << 20)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let answer = client
        .post(format!("{url}/echo"), "x/y", bytes.clone())
        .unwrap();
    assert!(answer.bytes().unwrap() == bytes);
    let port = || client.get(format!("{url}/port")).unwrap().text().unwrap();
    assert_eq!(port(), port());
    in_time(Duration::from_millis(50), |limit| {
        let request = client.request("GET", format!("{url}/wait")).timeout(limit);
        assert_eq!(
            request.send().unwrap_err().kind(),
            std::io::ErrorKind::TimedOut
        );
        // If it came to the handler in time.
        clients.recv_timeout(limit).ok()
    });
    assert!(
        !running
            .raw("GET /port HTTP/1.1\r\nhost: x\r\n\r\n")
            .contains("HTTP")
    );
    let answer = client
        .request("GET", format!("{url}/raw"))
        .header("connection", "upgrade")
        .header("upgrade", "raw")
        .send();
    assert_eq!(answer.unwrap().status(), 101);
    assert_eq!(port().len(), port().len());
    running.server.shutdown(&context::background()).unwrap();
}

/// A handshake that does not come to its end has the time of a head (Go's `TestTLSHandshakeTimeout`).
#[test]
fn handshakes_that_stop() {
    let quick = |s: Server| {
        let quick = Duration::from_millis(50);
        s.read_header_timeout(quick).idle_timeout(Duration::ZERO)
    };
    let (running, ..) = secure(|_: &Request| (), quick, &[]);
    for beginning in [&b""[..], b"\x16\x03\x01\x02"] {
        let mut stream = running.connect();
        // It may be over already.
        let _ = stream.write_all(beginning);
        let end = stream.read_to_end(&mut Vec::new());
        let still_open = matches!(end, Err(e) if e.kind() == std::io::ErrorKind::TimedOut);
        assert!(!still_open, "{beginning:?}");
    }
}
