//! Fields after a body (Go's `TestTrailers*`), by both versions of HTTP and in both directions.

use super::http2::plain;
use super::*;
use goroutines::http::{Body, HeaderMap, HeaderValue, Request, Response};

fn fields(of: &[(&'static str, &str)]) -> HeaderMap {
    let of = of.iter();
    of.map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()))
        .collect()
}

/// A server of one version, and a client that speaks it.
fn both(handler: impl Handler + Clone) -> [(Running, Client); 2] {
    let one = (Running::start(handler.clone()), Client::new());
    [one, plain(handler, |s| s)]
}

/// What the client has announced is there when its body was read, and not before.
#[test]
fn trailers_of_requests() {
    let handler = |r: &Request| {
        let early = r.trailers().len();
        let text = r.text()?;
        let late = r.trailers();
        let sums: Vec<_> = late.get_all("x-sum").iter().collect();
        Ok::<_, std::io::Error>(format!("{early} {text} {sums:?} {}", late.len()))
    };
    for (running, client) in both(handler) {
        let bodies = [Body::from("abc"), Body::reader(&b"abc"[..])];
        for body in bodies {
            let request = client.request("POST", running.url("/")).body(body);
            let request = request.trailers(&["x-sum", "x-other"], || {
                let mut all = fields(&[("x-sum", "1"), ("x-other", "o")]);
                all.append("x-sum", 2.into());
                all
            });
            let answer = request.send().unwrap();
            assert_eq!(answer.text().unwrap(), r#"0 abc ["1", "2"] 3"#);
        }
        // No body, and then none at all.
        let request = client.request("POST", running.url("/"));
        let request = request.trailers(&["x-sum"], || fields(&[("x-sum", "0")]));
        let answer = request.send().unwrap().text().unwrap();
        assert_eq!(answer, r#"0  ["0"] 1"#);
        let answer = client.post(running.url("/"), "x/y", "abc").unwrap();
        assert_eq!(answer.text().unwrap(), "0 abc [] 0");
    }
}

/// They are made when the reader has come to its end, and sent to who has said that it takes them.
#[test]
fn trailers_of_answers() {
    let handler = |r: &Request| {
        let body = match r.path() {
            "/reader" => Body::reader(&b"abc"[..]),
            "/empty" => Body::empty(),
            _ => Body::from("abc"),
        };
        let fields = || fields(&[("x-sum", "3"), ("content-length", "7")]);
        let answer = Response::new(body).with_trailers(&["x-sum", "content-length"], fields);
        match r.path() {
            "/declared" => answer.with_header("content-length", "3"),
            _ => answer,
        }
    };
    for (running, client) in both(handler) {
        let ask = |path: &str| {
            let request = client.request("GET", running.url(path));
            let mut answer = request.header("te", "trailers").send().unwrap();
            assert_eq!(answer.trailers().len(), 0);
            let mut text = String::new();
            answer.read_to_string(&mut text).unwrap();
            (text, answer.trailers().get("x-sum").cloned())
        };
        let sum = Some(HeaderValue::from(3));
        for path in ["/", "/reader"] {
            // Twice: the connection is good for another.
            assert_eq!(ask(path), ("abc".into(), sum.clone()));
            assert_eq!(ask(path), ("abc".into(), sum.clone()));
        }
        assert_eq!(ask("/empty"), (String::new(), sum));
        assert_eq!(ask("/declared").0, "abc");
        let answer = client.get(running.url("/")).unwrap();
        assert_eq!(answer.text().unwrap(), "abc");
    }
}

/// By HTTP/1.1 the names stand in the head, the fields after the last chunk; who has not asked gets the head
/// and the chunks.
#[test]
fn trailers_on_the_wire() {
    let running = Running::start(|_: &Request| {
        Response::new("abc").with_trailers(&["x-sum"], || fields(&[("x-sum", "3"), ("x-no", "1")]))
    });
    let ask = |more: &str| {
        let close = "connection: close\r\n";
        running.raw(&format!("GET / HTTP/1.1\r\nhost: x\r\n{close}{more}\r\n"))
    };
    let answer = ask("te: trailers\r\n");
    assert!(answer.contains("\r\ntrailer: x-sum\r\n"), "{answer}");
    assert!(
        answer.ends_with("\r\n\r\n3\r\nabc\r\n0\r\nx-sum: 3\r\n\r\n"),
        "{answer}"
    );
    let answer = ask("");
    assert!(
        answer.ends_with("\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
        "{answer}"
    );
    let old = running.raw("GET / HTTP/1.0\r\nte: trailers\r\n\r\n");
    assert!(old.ends_with("\r\n\r\nabc"), "{old}");
}

/// One that is malformed breaks the body off, and the connection (Go's `TestInvalidTrailerClosesConnection`).
#[test]
fn malformed_trailers_end_a_connection() {
    let running = Running::start(Request::text);
    let ask = |trailer: &str| {
        let head = "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
        running.raw(&format!("{head}3\r\nabc\r\n0\r\n{trailer}\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"))
    };
    // And so do good ones, the connection alone: see `refused::bodies_without_a_clear_end`.
    let answer = ask("a: 1");
    assert_eq!(answer.matches("HTTP/1.1 200").count(), 1, "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    for trailer in ["a b: 1", "no colon", ": none", "a: \0"] {
        let answer = ask(trailer);
        assert!(answer.starts_with("HTTP/1.1 400"), "{trailer:?}: {answer}");
        assert_eq!(
            answer.matches("HTTP/1.1").count(),
            1,
            "{trailer:?}: {answer}"
        );
    }
}

/// A handler that returns another server's answer passes its trailers on; to HTTP/1.1 those that were announced, which
/// HTTP/2 does not.
#[test]
fn trailers_are_passed_on() {
    let inner =
        |_: &Request| Response::new("abc").with_trailers(&["x-sum"], || fields(&[("x-sum", "3")]));
    for (unannounced, (behind, asker)) in [false, true].into_iter().zip(both(inner)) {
        let url = behind.url("/");
        let proxy = move |_: &Request| {
            let request = asker.request("GET", &url).header("te", "trailers");
            request.send().unwrap()
        };
        for (announces, (running, client)) in [true, false].into_iter().zip(both(proxy)) {
            let request = client.request("GET", running.url("/"));
            let mut answer = request.header("te", "trailers").send().unwrap();
            answer.read_to_string(&mut String::new()).unwrap();
            let lost = unannounced && announces;
            assert_eq!(answer.trailers().get("x-sum").is_none(), lost);
        }
    }
}
