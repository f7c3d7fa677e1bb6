//! The client, against our own server.

use super::*;
use goroutines::http::{self, Body, Client, Mux, Request, Response};
use goroutines::runtime;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::sync::{Arc, Mutex};

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
    let ports = Arc::new(Mutex::new(BTreeSet::new()));
    let seen = ports.clone();
    let handler = move |r: &Request| {
        seen.lock().unwrap().insert(r.remote_addr().port());
        "x"
    };
    let server = Server::new("127.0.0.1:0", handler).idle_timeout(Duration::from_millis(100));
    let running = Running::with(server);
    let client = Client::new();
    for _ in 0..20 {
        assert_eq!(client.get(running.url("/")).unwrap().text().unwrap(), "x");
    }
    assert_eq!(ports.lock().unwrap().len(), 1);
    goroutines::time::sleep(Duration::from_millis(300));
    assert_eq!(client.get(running.url("/")).unwrap().text().unwrap(), "x");
    assert_eq!(ports.lock().unwrap().len(), 2);
}

/// A limit of time ends a request that is not answered, and one whose answer does not end.
#[test]
fn timeouts() {
    let running = Running::start(|r: &Request| {
        if r.path() == "/silent" {
            r.context().done().recv();
        }
        let (reader, writer) = goroutines::io::pipe();
        goroutines::go!(move || {
            let mut writer = writer;
            let _ = writer.write_all(b"some");
            goroutines::time::sleep(Duration::from_secs(2));
        });
        Response::new(Body::reader(reader))
    });
    let client = Client::with_timeout(Duration::from_millis(50));
    let e = client.get(running.url("/silent")).unwrap_err();
    assert_eq!(e.kind(), ErrorKind::TimedOut, "{e}");
    let mut answer = client.get(running.url("/endless")).unwrap();
    let mut buf = [0; 4];
    answer.read_exact(&mut buf).unwrap();
    assert_eq!(
        answer.read(&mut buf).unwrap_err().kind(),
        ErrorKind::TimedOut
    );
}

/// A hundred goroutines share one client.
#[test]
fn many_at_once() {
    let running = Running::start(|r: &Request| r.path().to_owned());
    let client = Client::new();
    runtime::run(|| {
        let asking: Vec<_> = (0..100)
            .map(|i| {
                let (client, url) = (client.clone(), running.url(&format!("/{i}")));
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
