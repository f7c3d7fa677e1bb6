//! The client against bare sockets: what Go's `Client` and `Transport` do on a connection.

use super::*;
use goroutines::chan::channel;
use goroutines::http::{Body, Client, Mux, Request, Response};
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A server of plain threads: each connection is given to `f` with its number.
pub(super) fn raw_server(f: impl Fn(usize, std::net::TcpStream) + Send + Sync + 'static) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let f = Arc::new(f);
    std::thread::spawn(move || {
        for (i, stream) in listener.incoming().enumerate() {
            let (f, stream) = (f.clone(), stream.unwrap());
            std::thread::spawn(move || f(i, stream));
        }
    });
    url
}

/// The head of a request, and what has come of its body with it.
pub(super) fn read_head(stream: &mut std::net::TcpStream) -> Option<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut buf = [0; 4096];
    loop {
        if let Some(at) = all.windows(4).position(|w| w == b"\r\n\r\n") {
            let rest = all.split_off(at + 4);
            return Some((String::from_utf8(all).unwrap(), rest));
        }
        match stream.read(&mut buf) {
            Ok(n) if n > 0 => all.extend_from_slice(&buf[..n]),
            _ => return None,
        }
    }
}

/// Waits until the peer closes.
pub(super) fn await_end(stream: &mut std::net::TcpStream) {
    let mut buf = [0; 4096];
    while stream.read(&mut buf).is_ok_and(|n| n > 0) {}
}

/// An answer that comes while the body is still being sent, or cannot be sent, is the answer (Go's
/// `TestTransportIgnore408`, `TestIssue11745`, `TestTransportEventTraceTLSVerify`'s neighbours).
#[test]
fn early_answers() {
    // Our own server, which does not read 16 MiB.
    let running = Running::start(|_: &Request| Response::error(413, "too big"));
    for _ in 0..3 {
        let answer = Client::new()
            .post(running.url("/"), "x/y", vec![0; 16 << 20])
            .unwrap();
        assert_eq!(answer.status(), 413);
        assert_eq!(answer.text().unwrap(), "too big\n");
    }
    // A server that answers at once, reads nothing and does not close.
    let url = raw_server(|_, mut s| {
        read_head(&mut s).unwrap();
        s.write_all(b"HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno")
            .unwrap();
        await_end(&mut s);
    });
    let answer = Client::new().post(&url, "x/y", vec![0; 64 << 20]).unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.text().unwrap()),
        (401, "no".into())
    );
    // One whose client has not even got the body yet.
    let (reader, writer) = goroutines::io::pipe();
    let answer = Client::new()
        .post(&url, "x/y", Body::reader(reader))
        .unwrap();
    assert_eq!(answer.status(), 401);
    drop(writer);
    let request = Client::new()
        .request("POST", &url)
        .header("expect", "100-continue");
    assert_eq!(request.body("hello").send().unwrap().status(), 401);
}

/// Both directions at once: each line is answered before the next is sent (Go's
/// `TestTransportBidirectionalBody`'s kind), also when nobody reads the answer meanwhile.
#[test]
fn full_duplex() {
    let (seen, lines) = channel::<String>(16);
    let running = Running::start(move |r: &Request| {
        // The answer begins before the body has ended: a raw exchange does that below.
        let mut text = String::new();
        r.body().read_to_string(&mut text).unwrap();
        seen.send(text.clone());
        text
    });
    let url = raw_server(|_, mut s| {
        let (_, mut body) = read_head(&mut s).unwrap();
        s.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            .unwrap();
        let mut buf = [0; 4096];
        for line in ["one", "two", "three"] {
            while !String::from_utf8_lossy(&body).contains(line) {
                let n = s.read(&mut buf).unwrap();
                assert!(n > 0);
                body.extend_from_slice(&buf[..n]);
            }
            write!(s, "{:x}\r\n{line}\r\n", line.len()).unwrap();
        }
        s.write_all(b"0\r\n\r\n").unwrap();
        await_end(&mut s);
    });
    let (reader, mut writer) = goroutines::io::pipe();
    let mut answer = Client::new()
        .post(&url, "x/y", Body::reader(reader))
        .unwrap();
    for line in ["one", "two", "three"] {
        writer.write_all(line.as_bytes()).unwrap();
        let mut got = vec![0; line.len()];
        answer.read_exact(&mut got).unwrap();
        assert_eq!(got, line.as_bytes());
    }
    drop(writer);
    assert_eq!(answer.text().unwrap(), "");
    let (reader, mut writer) = goroutines::io::pipe();
    goroutines::go!(move || writer.write_all(b"from a pipe").unwrap());
    let answer = http_post(&running, Body::reader(reader));
    assert_eq!(answer.text().unwrap(), "from a pipe");
    assert_eq!(lines.recv().as_deref(), Some("from a pipe"));
}

fn http_post(running: &Running, body: Body) -> Response {
    Client::new().post(running.url("/"), "x/y", body).unwrap()
}

/// A body waits for "continue", and goes without it after a while (Go's `TestTransportExpect100Continue`).
#[test]
fn expect_continue() {
    for continues in [true, false] {
        let waits = Arc::new(AtomicUsize::new(0));
        let waited = waits.clone();
        let url = raw_server(move |_, mut s| {
            let (_, mut body) = read_head(&mut s).unwrap();
            waits.fetch_add(usize::from(body.is_empty()), Ordering::SeqCst);
            if continues {
                s.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap();
            }
            let came = body.len();
            body.resize(5, 0);
            s.read_exact(&mut body[came..]).unwrap();
            assert_eq!(body, b"hello");
            s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
                .unwrap();
        });
        // Not for ever: who reads the head too late finds it there.
        tests::eventually("the body waits", || {
            let request = Client::new()
                .request("POST", &url)
                .header("expect", "100-continue");
            assert_eq!(request.body("hello").send().unwrap().text().unwrap(), "ok");
            waited.load(Ordering::SeqCst) > 0
        });
    }
}

/// A kept connection that has died is no error of the next request, whether that is noticed before or
/// after it was sent (Go's `TestRetryRequestsOnError`, `TestTransportRetryAfterPing`'s kind).
#[test]
fn dead_connections_are_replaced() {
    let url = raw_server(|_, mut s| {
        read_head(&mut s).unwrap();
        let _ = s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
    let client = Client::new();
    for _ in 0..50 {
        assert_eq!(client.get(&url).unwrap().text().unwrap(), "ok");
    }
    // Each connection reads a second request and closes without an answer.
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let url = raw_server(move |_, mut s| {
        read_head(&mut s).unwrap();
        count.fetch_add(1, Ordering::SeqCst);
        let _ = s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        read_head(&mut s);
    });
    assert_eq!(client.get(&url).unwrap().text().unwrap(), "ok");
    assert_eq!(
        client
            .request("PUT", &url)
            .header("idempotency-key", "7")
            .body("x")
            .send()
            .unwrap()
            .text()
            .unwrap(),
        "ok"
    );
    // What may not be done twice is not, and the next request finds no dead connection.
    assert_eq!(
        client.post(&url, "x/y", "x").unwrap_err().kind(),
        ErrorKind::UnexpectedEof
    );
    assert_eq!(client.get(&url).unwrap().text().unwrap(), "ok");
    assert_eq!(asked.load(Ordering::SeqCst), 3);
    // What may be done twice is, without a word of the user; but a body that is gone is not sent again.
    assert_eq!(client.get(&url).unwrap().text().unwrap(), "ok");
    assert_eq!(asked.load(Ordering::SeqCst), 4);
    let put = client.request("PUT", &url).header("idempotency-key", "8");
    assert!(put.body(Body::reader(&b"x"[..])).send().is_err());
    assert_eq!(asked.load(Ordering::SeqCst), 4);
}

/// A connection that the server has closed is closed here at once, not at the next request.
#[test]
fn idle_connections_are_closed() {
    let (ended, ends) = std::sync::mpsc::channel();
    let ended = std::sync::Mutex::new(ended);
    let url = raw_server(move |_, mut s| {
        read_head(&mut s).unwrap();
        s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            .unwrap();
        s.shutdown(std::net::Shutdown::Write).unwrap();
        await_end(&mut s);
        ended.lock().unwrap().send(()).unwrap();
    });
    let client = Client::new();
    assert_eq!(client.get(&url).unwrap().text().unwrap(), "ok");
    assert_eq!(ends.recv_timeout(Duration::from_secs(20)), Ok(()));
    // Nor does one stay that is not asked again: by time, by wish, and where there is no room.
    let (ended, ends) = std::sync::mpsc::channel();
    let ended = std::sync::Mutex::new(ended);
    let url = raw_server(move |i, mut s| {
        while read_head(&mut s).is_some() {
            write!(s, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{i}").unwrap();
        }
        ended.lock().unwrap().send(i).unwrap();
    });
    let get = |client: &Client| client.get(&url).unwrap();
    let limit = Duration::from_millis(20);
    let client = Client::builder().idle_timeout(limit).build();
    assert_eq!(get(&client).text().unwrap(), "0");
    assert_eq!(ends.recv_timeout(Duration::from_secs(20)), Ok(0));
    let client = Client::builder().idle_timeout(Duration::ZERO).build();
    assert_eq!(get(&client).text().unwrap(), "1");
    client.close_idle();
    assert_eq!(ends.recv_timeout(Duration::from_secs(20)), Ok(1));
    let client = Client::builder().max_idle_per_host(1).build();
    let (first, second) = (get(&client), get(&client));
    assert_eq!(first.text().unwrap(), "2");
    assert_eq!(second.text().unwrap(), "3");
    assert_eq!(ends.recv_timeout(Duration::from_secs(20)), Ok(3));
    assert_eq!(get(&client).text().unwrap(), "2");
}

/// What Go's `Client` does about 3xx (`TestPostRedirects`, `TestClientRedirects`, `TestRedirect301EmptyLocation`,
/// `TestClientRedirectUseResponse`, `TestClientRedirect308NoLocation`).
#[test]
fn redirects_as_go() {
    let mut mux = Mux::new();
    let told = |r: &Request| {
        let kind = r.header("content-type").unwrap_or("-").to_owned();
        format!("{} {} {kind} {:?}", r.method(), r.path(), r.text().unwrap())
    };
    mux.handle_func("/dir/", told);
    mux.handle_func("/nowhere", |_| Response::new("text").with_status(301));
    mux.handle_func("/same/{status}", |r| {
        let status: u16 = r.path_value("status").parse().unwrap();
        Response::redirect(status, "/dir/x?a=b")
    });
    mux.handle_func("/caf", |_| Response::redirect(303, "/dir/caf\u{e9}"));
    mux.handle_func("/space", |_| Response::redirect(303, "/dir/a b"));
    mux.handle_func("/up/and/down", |_| Response::redirect(303, "../../dir/y"));
    let running = Running::start(mux);
    let client = Client::new();
    let post = |path: &str| {
        let answer = client.post(running.url(path), "x/y", "hello").unwrap();
        (answer.status().as_u16(), answer.text().unwrap())
    };
    assert_eq!(post("/dir"), (200, "POST /dir/ x/y \"hello\"".into()));
    for status in [301, 302, 303] {
        assert_eq!(
            post(&format!("/same/{status}")),
            (200, "GET /dir/x - \"\"".into())
        );
    }
    for status in [307, 308] {
        assert_eq!(
            post(&format!("/same/{status}")),
            (200, "POST /dir/x x/y \"hello\"".into())
        );
        // What cannot be sent again is not; the redirect is the answer.
        let body = Body::reader(&b"hello"[..]);
        let answer = client
            .post(running.url(&format!("/same/{status}")), "x/y", body)
            .unwrap();
        assert_eq!(answer.status().as_u16(), status);
    }
    let get = |path: &str| {
        let answer = client.get(running.url(path)).unwrap();
        (answer.status().as_u16(), answer.text().unwrap())
    };
    assert_eq!(get("/nowhere"), (301, "text".into()));
    assert_eq!(get("/caf"), (200, "GET /dir/caf%C3%A9 - \"\"".into()));
    assert_eq!(get("/space"), (200, "GET /dir/a%20b - \"\"".into()));
    assert_eq!(get("/up/and/down"), (200, "GET /dir/y - \"\"".into()));
    let none = Client::builder().no_redirects().build();
    assert_eq!(none.get(running.url("/caf")).unwrap().status(), 303);
    let head = client.head(running.url("/same/302")).unwrap();
    assert_eq!(head.status(), 200);
    let few = Client::builder().max_redirects(0).build();
    let e = few.get(running.url("/caf")).unwrap_err();
    assert_eq!(e.to_string(), "http: stopped after 0 redirects");
}

/// Secrets stay with their host (Go's `TestClientCopyHeadersOnRedirect`, `TestShouldCopyHeaderOnRedirect`).
#[test]
fn secrets_stay_with_their_host() {
    let told = |r: &Request| {
        let names = ["authorization", "cookie", "x-plain", "referer"];
        names
            .map(|name| r.header(name).unwrap_or("-").to_owned())
            .join(" ")
    };
    let other = Running::start(told);
    let elsewhere = other.url("/").replace("127.0.0.1", "localhost");
    let mut mux = Mux::new();
    mux.handle_func("/told", told);
    mux.handle_func("/here", |_| Response::redirect(302, "/told"));
    let same_host = other.url("/");
    mux.handle_func("/port", move |_| Response::redirect(302, &same_host));
    mux.handle_func("/there", move |_| Response::redirect(302, &elsewhere));
    let running = Running::start(mux);
    let ask = |path: &str| {
        let request = Client::new()
            .request("GET", running.url(path))
            .header("cookie", "c=1");
        let request = request
            .basic_auth("Aladdin", "open sesame")
            .header("x-plain", "p");
        request.send().unwrap().text().unwrap()
    };
    let auth = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
    assert_eq!(ask("/told"), format!("{auth} c=1 p -"));
    assert_eq!(
        ask("/here"),
        format!("{auth} c=1 p {}", running.url("/here"))
    );
    assert_eq!(
        ask("/port"),
        format!("{auth} c=1 p {}", running.url("/port"))
    );
    assert_eq!(ask("/there"), format!("- - p {}", running.url("/there")));
    let url = running
        .url("/told")
        .replace("http://", "http://Aladdin:open%20sesame@");
    assert_eq!(
        goroutines::http::get(url).unwrap().text().unwrap(),
        format!("{auth} - - -")
    );
}

/// Header fields by the hundred, and values that are not ASCII.
#[test]
fn headers_of_all_kinds() {
    let running = Running::start(|r: &Request| {
        let mut answer = Response::new(format!("{:?} {}", r.header("x-name"), r.headers().len()));
        for i in 0..1000 {
            answer = answer.with_header(&format!("x-{i}"), "1");
        }
        answer.with_header("x-name", "J\u{f6}rg")
    });
    let mut request = Client::new()
        .request("GET", running.url("/"))
        .header("x-name", "Jos\u{e9}");
    for i in 0..1000 {
        request = request.header(&format!("x-{i}"), "1");
    }
    let answer = request.send().unwrap();
    assert_eq!(answer.header("x-name"), Some("J\u{f6}rg"));
    assert!(answer.headers().len() > 1000);
    assert!(answer.text().unwrap().starts_with("Some(\"José\") 100"));
    // And it is known from then on.
    assert_eq!(Client::new().get(running.url("/")).unwrap().status(), 200);
}

/// An answer with thousands of fields to a request that may not be done twice: it is asked once, and the
/// answer is read, however it comes.
#[test]
fn many_headers_of_one_answer() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let url = raw_server(move |i, mut s| {
        count.fetch_add(1, Ordering::SeqCst);
        read_head(&mut s).unwrap();
        let mut head = b"HTTP/1.1 201 Created\r\n".to_vec();
        for i in 0..5000 {
            head.extend_from_slice(format!("X-{i}: {}\r\n", "v".repeat(100)).as_bytes());
        }
        head.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        // In pieces of all lengths, the second time.
        for piece in head.chunks(if i == 0 { head.len() } else { 1013 }) {
            s.write_all(piece).unwrap();
        }
        s.write_all(b"6\r\n, then\r\n0\r\n\r\n").unwrap();
        await_end(&mut s);
    });
    for i in 1..=2 {
        let client = Client::new();
        let answer = client.post(&url, "x/y", "the body").unwrap();
        assert_eq!(answer.status(), 201);
        assert_eq!(answer.headers().len(), 5001);
        assert_eq!(answer.text().unwrap(), "hello, then");
        assert_eq!(asked.load(Ordering::SeqCst), i);
    }
}

/// The middleware, and what it leaves alone.
#[test]
fn compressed_answers() {
    use goroutines::http::middleware::compress;
    let mut mux = Mux::new();
    mux.handle_func("/long", |_| "text ".repeat(10_000));
    mux.handle_func("/short", |_| "text");
    mux.handle_func("/image", |_| {
        Response::new(vec![0; 5000]).with_header("content-type", "image/png")
    });
    mux.handle_func("/pieces", |_| {
        Response::new(Body::reader(std::io::repeat(b'x').take(9000)))
            .with_header("content-type", "text/plain")
    });
    let running = Running::start(compress(mux));
    let ask = |path: &str, accepts: &str| {
        let request = Client::new().request("GET", running.url(path));
        request.header("accept-encoding", accepts).send().unwrap()
    };
    let answer = ask("/long", "br, GZIP;q=0.5");
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    assert_eq!(answer.header("vary"), Some("accept-encoding"));
    assert!(answer.bytes().unwrap().len() < 1000);
    for (path, accepts) in [
        ("/long", "gzip;q=0"),
        ("/long", "br"),
        ("/short", "gzip"),
        ("/image", "gzip"),
        ("/pieces", "gzip"),
    ] {
        assert_eq!(
            ask(path, accepts).header("content-encoding"),
            None,
            "{path}"
        );
    }
    let answer = Client::new().get(running.url("/long")).unwrap();
    assert_eq!(answer.text().unwrap(), "text ".repeat(10_000));
}

/// Nor is it asked again, when the answer has more fields than anybody allows, by a kept connection.
#[test]
fn too_many_headers_are_no_reason_to_ask_again() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let url = raw_server(move |_, mut s| {
        read_head(&mut s).unwrap();
        count.fetch_add(1, Ordering::SeqCst);
        s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            .unwrap();
        if read_head(&mut s).is_some() {
            count.fetch_add(1, Ordering::SeqCst);
            let fields = "X: 1\r\n".repeat(20_000);
            // It may be closed before it has read all.
            let _ = write!(s, "HTTP/1.1 200 OK\r\n{fields}Content-Length: 2\r\n\r\nok");
            await_end(&mut s);
        }
    });
    let client = Client::new();
    assert_eq!(client.get(&url).unwrap().text().unwrap(), "ok");
    assert!(client.get(&url).is_err());
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

/// Many megabytes, both ways at once, byte for byte.
#[test]
fn large_bodies() {
    let running = Running::start(|r: &Request| {
        let bytes = r.body_limit(1 << 30).bytes().unwrap();
        Response::new(Body::reader(std::io::Cursor::new(bytes)))
    });
    let bytes: Vec<u8> = (0..20u32 << 20)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    for streamed in [false, true] {
        let body = match streamed {
            true => Body::reader(std::io::Cursor::new(bytes.clone())),
            false => bytes.clone().into(),
        };
        let got = http_post(&running, body).bytes().unwrap();
        assert!(got == bytes);
    }
}
