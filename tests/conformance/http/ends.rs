//! A request ends when its time is over, or its context, whatever it waits for then.

use super::transport::{await_end, raw_server, read_head};
use super::*;
use goroutines::chan::channel;
use goroutines::http::{Body, ClientRequest, Request, Response};
use std::io::ErrorKind;

/// How long these requests may take.
const SOON: Duration = Duration::from_millis(30);

/// Asks with a time-out and with a context. `None`: it has ended so, both times.
fn fault(stage: &str, request: impl Fn() -> ClientRequest) -> Option<String> {
    for by_context in [false, true] {
        let (ctx, cancel) = context::with_timeout(&context::background(), SOON);
        let request = match by_context {
            true => request().context(&ctx),
            false => request().timeout(SOON),
        };
        let (tx, ends) = channel(1);
        goroutines::go!(move || tx.send(request.send().and_then(Response::text)));
        // Less than a handshake may take, which has a limit of its own.
        let mut waited = tests::Waited::new();
        let ended = loop {
            if let Ok(ended) = ends.recv_timeout(Duration::from_millis(100)) {
                break ended;
            }
            if waited.look() > tests::patience(8) {
                return Some(format!("{stage}: it still waits"));
            }
        };
        cancel();
        let told = ended.as_ref().map_err(|e| (e.kind(), e.to_string()));
        if told != Err((ErrorKind::TimedOut, "context deadline exceeded".into())) {
            return Some(format!("{stage}: {ended:?}"));
        }
    }
    None
}

/// From the connect to the last byte of an answer.
#[test]
fn a_request_ends_wherever_it_stands() {
    let silent = raw_server(|_, mut s| await_end(&mut s));
    let address = silent.strip_prefix("http://").unwrap();
    let deaf = raw_server(|_, mut s| {
        let _head = read_head(&mut s);
        loop {
            std::thread::park();
        }
    });
    let half = raw_server(|_, mut s| {
        read_head(&mut s).unwrap();
        // It may have ended before.
        let _ = s.write_all(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b");
        await_end(&mut s);
    });
    let get = |client: &Client, url: &str| client.request("GET", url);
    let post = |url: &str| Client::new().request("POST", url);
    let by = |proxy: String| Client::builder().proxy(proxy).build();
    let http2 = Client::builder().unencrypted_http2().build();
    let mut faults = vec![
        fault("an answer", || get(&Client::new(), &silent)),
        fault("TLS", || get(&Client::new(), &format!("https://{address}"))),
        fault("a tunnel", || get(&by(silent.clone()), "https://host.test")),
        fault("SOCKS", || {
            get(&by(format!("socks5://{address}")), "http://host.test")
        }),
        fault("HTTP/2", || get(&http2, &silent)),
        fault("room for a body", || post(&deaf).body(vec![0; 64 << 20])),
        fault("\"continue\"", || {
            post(&silent).header("expect", "100-continue").body("hello")
        }),
        fault("what is compressed", || get(&Client::new(), &half)),
    ];
    let writers = std::cell::RefCell::new(Vec::new());
    faults.push(fault("the reader of a body", || {
        let (reader, writer) = goroutines::io::pipe();
        writers.borrow_mut().push(writer);
        post(&silent).body(Body::reader(reader))
    }));
    #[cfg(target_os = "linux")]
    faults.push({
        let full = full_listener();
        let url = format!("http://{}", full.0.local_addr().unwrap());
        fault("a connection", || get(&Client::new(), &url))
    });
    let faults: Vec<_> = faults.into_iter().flatten().collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

/// A listener that accepts nobody, and whose backlog is full: a connect to it hangs.
#[cfg(target_os = "linux")]
fn full_listener() -> (std::net::TcpListener, Vec<std::net::TcpStream>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    socket2::SockRef::from(&listener).listen(0).unwrap();
    let addr = listener.local_addr().unwrap();
    let wait = Duration::from_millis(200);
    let connect = || std::net::TcpStream::connect_timeout(&addr, wait).ok();
    let held = std::iter::from_fn(connect).collect();
    (listener, held)
}

/// The time is that of all redirects together.
#[test]
fn redirects_take_no_more_time() {
    const LIMIT: Duration = Duration::from_millis(500);
    let running = Running::start(|r: &Request| {
        goroutines::time::sleep(LIMIT / 5);
        match r.path()[1..].parse::<u32>().unwrap() {
            0 => Response::new("arrived"),
            left => Response::redirect(302, format!("/{}", left - 1)),
        }
    });
    let client = Client::with_timeout(LIMIT);
    let e = client.get(running.url("/9")).unwrap_err();
    assert_eq!(e.kind(), ErrorKind::TimedOut, "{e}");
}
