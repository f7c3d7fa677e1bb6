//! The client, against our own server.

use super::*;
use goroutines::context::Context;
use goroutines::http::{self, Body, Client, Mux, Request, Response};
use goroutines::net::TcpListener;
use goroutines::runtime;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Methods, headers, bodies and statuses get through.
#[test]
fn requests_and_answers() {
    let mut mux = Mux::new();
    mux.handle_func("/echo", |r| {
        let told = format!("{} {}", r.method(), r.header("x-a").unwrap_or("-"));
        Response::new(format!("{told} {}", r.text().unwrap())).with_header("x-b", "7")
    });
    mux.handle_func("/teapot", |_| Response::error(418, "short and stout"));
    let running = Running::start(mux);
    let client = Client::new();
    let url = running.url("/echo");

    let got = http::get(&url).unwrap();
    assert_eq!((got.status().as_u16(), got.header("x-b")), (200, Some("7")));
    assert_eq!(got.text().unwrap(), "GET - ");
    assert_eq!(
        http::post(&url, "text/plain", "hi")
            .unwrap()
            .text()
            .unwrap(),
        "POST - hi"
    );
    let put = client
        .request("PUT", &url)
        .header("x-a", "A")
        .body(Body::reader(&b"chunks"[..]));
    assert_eq!(put.send().unwrap().text().unwrap(), "PUT A chunks");
    assert_eq!(
        client
            .request("DELETE", &url)
            .send()
            .unwrap()
            .text()
            .unwrap(),
        "DELETE - "
    );
    assert_eq!(
        client.post(&url, "x/y", "").unwrap().text().unwrap(),
        "POST - "
    );
    let head = http::head(&url).unwrap();
    assert_eq!(head.header("content-length"), Some("7"));
    assert_eq!(head.text().unwrap(), "");

    let teapot = http::get(running.url("/teapot")).unwrap();
    assert_eq!(teapot.status().as_u16(), 418);
    assert_eq!(teapot.text().unwrap(), "short and stout\n");
}

/// Redirects are followed, ten of them.
#[test]
fn redirects() {
    let mut mux = Mux::new();
    mux.handle_func("/n/{left}", |r| {
        let left: u32 = r.path_value("left").parse().unwrap();
        match left {
            0 => Response::new("arrived"),
            _ => Response::redirect(302, format!("/n/{}", left - 1)),
        }
    });
    let running = Running::start(mux);
    assert_eq!(
        http::get(running.url("/n/10")).unwrap().text().unwrap(),
        "arrived"
    );
    assert!(http::get(running.url("/n/11")).is_err());
}

/// Connections are kept: many requests, one connection, and a fresh one when the server has closed
/// it meanwhile.
#[test]
fn transport_keep_alives() {
    let port = |r: &Request| r.remote_addr().port().to_string();
    let client = Client::new();
    let patient = Running::start(port);
    let ask = |_| client.get(patient.url("/")).unwrap().text().unwrap();
    assert_eq!((0..20).map(ask).collect::<BTreeSet<_>>().len(), 1);
    let server = Server::new("127.0.0.1:0", port).idle_timeout(Duration::from_millis(20));
    let impatient = Running::with(server);
    // (A connection may end before it is asked for the first time; then another one is.)
    let ask = || loop {
        if let Ok(answer) = client.get(impatient.url("/")) {
            return answer.text().unwrap();
        }
    };
    let first = ask();
    while ask() == first {
        goroutines::time::sleep(Duration::from_millis(40));
    }
}

/// A limit of time ends a request that is not answered, and one whose answer does not end.
#[test]
fn timeouts() {
    let running = Running::start(|r: &Request| {
        if r.path() == "/silent" {
            r.context().done().recv();
        }
        let (reader, mut writer) = goroutines::io::pipe();
        let ctx = r.context();
        goroutines::go!(move || {
            let _ = writer.write_all(b"some");
            ctx.done().recv();
        });
        Response::new(Body::reader(reader))
    });
    let client = Client::with_timeout(Duration::from_millis(50));
    let e = client.get(running.url("/silent")).unwrap_err();
    assert_eq!(e.kind(), ErrorKind::TimedOut, "{e}");
    in_time(Duration::from_millis(500), |limit| {
        let client = Client::with_timeout(limit);
        let mut answer = client.get(running.url("/endless")).ok()?;
        let mut buf = [0; 4];
        answer.read_exact(&mut buf).ok()?;
        let e = answer.read(&mut buf).unwrap_err();
        assert_eq!(e.kind(), ErrorKind::TimedOut, "{e}");
        Some(())
    });
}

/// A context ends its request: while it waits for its place at the host, for an answer, and in the
/// midst of one. The next request is not harmed.
#[test]
fn context_ends_a_request() {
    let running = Running::start(|r: &Request| match r.path() {
        "/silent" => {
            r.context().done().recv();
            Response::default()
        }
        "/endless" => {
            let (reader, mut writer) = goroutines::io::pipe();
            let ctx = r.context();
            goroutines::go!({
                writer.write_all(b"some").unwrap();
                ctx.done().recv();
            });
            Response::new(Body::reader(reader))
        }
        _ => "x".into(),
    });
    let client = Client::builder().max_conns_per_host(1).build();
    let soon = || context::with_timeout(&context::background(), Duration::from_millis(30)).0;
    let ask = |path: &str, ctx: &Context| {
        let request = client.request("GET", running.url(path));
        request.context(ctx).send()
    };
    let told = |e: std::io::Error| (e.kind(), e.to_string());
    let late = (ErrorKind::TimedOut, "context deadline exceeded".to_owned());

    assert_eq!(told(ask("/silent", &soon()).unwrap_err()), late);
    let (ctx, cancel) = context::with_cancel(&context::background());
    let mut answer = ask("/endless", &ctx).unwrap();
    let mut buf = [0; 4];
    answer.read_exact(&mut buf).unwrap();
    // The one place is taken.
    assert_eq!(told(ask("/", &soon()).unwrap_err()), late);
    let cancelling = spawn(move || {
        goroutines::time::sleep(Duration::from_millis(10));
        cancel();
    });
    let e = answer.read(&mut buf).unwrap_err();
    assert_eq!(e.to_string(), "context canceled");
    cancelling.join().unwrap();
    drop(answer);
    let (ctx, _cancel) = context::with_timeout(&context::background(), tests::patience(60));
    assert_eq!(ask("/", &ctx).unwrap().text().unwrap(), "x");
    let plain = client.get(running.url("/")).unwrap();
    assert_eq!(plain.text().unwrap(), "x");
}

/// `n` goroutines ask a server that answers with the path, five times each.
fn ask_at_once(n: usize, client: &Client, url: &str) {
    let asking: Vec<_> = (0..n)
        .map(|i| {
            let (client, url) = (client.clone(), format!("{url}/{i}"));
            spawn(move || {
                for _ in 0..5 {
                    assert_eq!(client.get(&url).unwrap().text().unwrap(), format!("/{i}"));
                }
            })
        })
        .collect();
    for a in asking {
        a.join().unwrap();
    }
}

/// A hundred goroutines share one client.
#[test]
fn many_at_once() {
    let running = Running::start(|r: &Request| r.path().to_owned());
    let client = Client::new();
    runtime::run(|| {
        ask_at_once(100, &client, &running.url(""));
    });
}

/// What cannot be asked is an error.
#[test]
fn errors() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let e = http::get(format!("http://{unused}/")).unwrap_err();
    assert_eq!(e.kind(), ErrorKind::ConnectionRefused);
    assert!(http::get("no url").is_err());
    assert!(
        Client::new()
            .request("BAD METHOD", "http://x/")
            .send()
            .is_err()
    );
}

/// A server that answers every request over TLS with its path, and the certificate it shows.
fn tls_server() -> (SocketAddr, String) {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_string()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key.into())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("localhost:0").unwrap();
    let addr = listener.local_addr().unwrap();
    goroutines::go!(move || {
        while let Ok((stream, _)) = listener.accept() {
            let config = config.clone();
            goroutines::go!(move || -> std::io::Result<()> {
                let connection = ServerConnection::new(config).unwrap();
                let mut tls = BufReader::new(StreamOwned::new(connection, stream));
                loop {
                    let mut head = String::new();
                    while !head.ends_with("\r\n\r\n") {
                        if tls.read_line(&mut head)? == 0 {
                            return Ok(());
                        }
                    }
                    let path = head.split(' ').nth(1).unwrap();
                    let len = path.len();
                    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {len}\r\n\r\n{path}");
                    tls.get_mut().write_all(answer.as_bytes())?;
                }
            });
        }
    });
    (addr, cert.pem())
}

/// TLS, on both sides over our sockets: a certificate that is trusted, and one that is not.
#[test]
fn tls() {
    runtime::run(|| {
        let (addr, certificate) = tls_server();
        let url = format!("https://localhost:{}", addr.port());
        let client = Client::builder()
            .root_certificates(certificate.as_bytes())
            .unwrap()
            .build();
        ask_at_once(8, &client, &url);
        assert!(http::get(&url).is_err(), "the web does not trust it");
        assert!(Client::builder().root_certificates(b"no PEM").is_err());
    });
}

/// No more requests to a host at once than allowed; another host has places of its own.
#[test]
fn transport_max_conns_per_host() {
    let now = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (counted, seen) = (now.clone(), most.clone());
    let running = Running::start(move |_: &Request| {
        seen.fetch_max(counted.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        // The first wait for each other.
        tests::eventually("three at once", || seen.load(Ordering::SeqCst) >= 3);
        goroutines::time::sleep(Duration::from_millis(5));
        counted.fetch_sub(1, Ordering::SeqCst);
        "x"
    });
    let client = Client::builder().max_conns_per_host(3).build();
    let asking: Vec<_> = (0..20)
        .map(|_| {
            let (client, url) = (client.clone(), running.url("/"));
            spawn(move || assert_eq!(client.get(&url).unwrap().text().unwrap(), "x"))
        })
        .collect();
    for a in asking {
        a.join().unwrap();
    }
    assert_eq!(most.load(Ordering::SeqCst), 3);

    // The place is held until the answer is gone.
    let single = Client::builder().max_conns_per_host(1).build();
    let first = single.get(running.url("/")).unwrap();
    let second = spawn({
        let (single, url) = (single.clone(), running.url("/"));
        move || single.get(url).unwrap().text().unwrap()
    });
    let other = Running::start(|_: &Request| "other");
    assert_eq!(single.get(other.url("/")).unwrap().text().unwrap(), "other");
    assert!(!second.is_finished());
    drop(first);
    assert_eq!(second.join().unwrap(), "x");
}
