//! Whatever a handler returns, an answer ends where its head says, or the connection does: nothing of
//! one answer is ever taken for a part of the next. Seen as raw bytes by a reader that knows HTTP.

use super::*;
use goroutines::http::{Body, HeaderValue, Request, Response};
use std::sync::{Arc, Mutex};

/// What a strict reader makes of the bytes of one answer.
#[derive(Debug, PartialEq)]
struct Seen {
    status: u16,
    length: Option<String>,
    /// `None`: the connection ended before the body did.
    body: Option<String>,
}

impl Seen {
    fn new(status: u16, length: Option<&str>, body: Option<&str>) -> Seen {
        Seen {
            status,
            length: length.map(str::to_owned),
            body: body.map(str::to_owned),
        }
    }
}

/// Reads all answers in `bytes`, which answer these methods, one after the other.
fn read_strictly(mut bytes: &[u8], methods: &[&str]) -> Vec<Seen> {
    let mut methods = methods.iter();
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        bytes = &bytes[end..];
        let status = head
            .strip_prefix("HTTP/1.1 ")
            .unwrap_or_else(|| panic!("no head: {head:?}"));
        let status: u16 = status[..3].parse().unwrap();
        let field = |name: &str| {
            let mut all = head.lines().filter_map(|l| l.strip_prefix(name));
            let first = all.next().map(|v| v.trim().to_owned());
            assert_eq!(all.next(), None, "twice: {head}");
            first
        };
        let (length, coding) = (field("content-length:"), field("transfer-encoding:"));
        assert!(length.is_none() || coding.is_none(), "{head}");
        let none = (100..200).contains(&status) || status == 204 || status == 304;
        if none {
            assert!(length.is_none() && coding.is_none(), "{head}");
        }
        let method = if (100..200).contains(&status) {
            ""
        } else {
            methods.next().unwrap()
        };
        let body = if none || method == "HEAD" {
            Some(String::new())
        } else if coding.is_some() {
            assert_eq!(coding.as_deref(), Some("chunked"));
            take_chunks(&mut bytes)
        } else {
            let len = length
                .as_deref()
                .map_or(bytes.len(), |l| l.parse().unwrap());
            take(&mut bytes, len)
        };
        all.push(Seen {
            status,
            length,
            body,
        });
    }
    all
}

/// `None`, and nothing is left, if the end comes before that.
fn take(bytes: &mut &[u8], len: usize) -> Option<String> {
    let taken = bytes
        .get(..len)
        .map(|b| String::from_utf8(b.to_vec()).unwrap());
    *bytes = bytes.get(len..).unwrap_or_default();
    taken
}

fn take_chunks(bytes: &mut &[u8]) -> Option<String> {
    let mut all = String::new();
    loop {
        let line = bytes
            .windows(2)
            .position(|w| w == b"\r\n")
            .unwrap_or(bytes.len());
        let size = take(bytes, line)?;
        take(bytes, 2)?;
        let size = usize::from_str_radix(&size, 16).unwrap();
        all += &take(bytes, size)?;
        take(bytes, 2)?;
        if size == 0 {
            return Some(all);
        }
    }
}

type Make = fn() -> Response;

/// Asks for `make`'s answer with this method, twice on one connection, and for one that is in order.
fn ask(method: &str, make: Make) -> Vec<Seen> {
    ask_and_log(method, make).0
}

fn ask_and_log(method: &str, make: Make) -> (Vec<Seen>, Vec<String>) {
    let log = Arc::new(Mutex::new(Vec::new()));
    let lines = log.clone();
    let handler = move |r: &Request| match r.path() {
        "/" => make(),
        _ => Response::new("fine"),
    };
    let server = Server::new("127.0.0.1:0", handler)
        .error_log(move |line| lines.lock().unwrap().push(line.to_owned()));
    let running = Running::with(server);
    let mut stream = running.connect();
    let request = format!(
        "{method} / HTTP/1.1\r\nhost: x\r\n\r\n{method} / HTTP/1.1\r\nhost: x\r\n\r\n\
         GET /last HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let log = log.lock().unwrap().clone();
    (read_strictly(&bytes, &[method, method, "GET"]), log)
}

fn streamed(text: &'static str) -> Response {
    Response::new(Body::reader(text.as_bytes()))
}

fn fine() -> Seen {
    Seen::new(200, Some("4"), Some("fine"))
}

/// A length that is too small or too large: nothing of the piece that does not fit is sent, and the
/// connection ends (Go's `TestContentLengthZero`, `TestDeclareContentLength`, `ErrContentLength`).
#[test]
fn a_wrong_length_ends_the_connection() {
    let wrong: &[(&str, Make)] = &[
        ("2", || {
            Response::new("text").with_header("content-length", "2")
        }),
        ("2", || streamed("text").with_header("content-length", "2")),
        ("9", || {
            Response::new("text").with_header("content-length", "9")
        }),
        ("9", || streamed("text").with_header("content-length", "9")),
        ("9", || Response::new(()).with_header("content-length", "9")),
    ];
    for (length, make) in wrong {
        let (seen, log) = ask_and_log("GET", *make);
        assert_eq!(seen, [Seen::new(200, Some(length), None)]);
        assert_eq!(log.len(), 1, "{log:?}");
        assert!(log[0].contains("GET /: http: wrote "), "{log:?}");
    }
    for make in [
        (|| Response::new("text").with_header("content-length", "0")) as Make,
        || streamed("text").with_header("content-length", "0"),
    ] {
        assert_eq!(ask("GET", make), [Seen::new(200, Some("0"), Some(""))]);
    }
}

/// A right length is kept, one that is none is not sent.
#[test]
fn a_right_length_is_kept() {
    let right: &[Make] = &[
        || Response::new("text").with_header("content-length", "4"),
        || streamed("text").with_header("content-length", "4"),
        || Response::new(Body::sized_reader("textual".as_bytes(), 4)),
    ];
    for make in right {
        let text = || Seen::new(200, Some("4"), Some("text"));
        assert_eq!(ask("GET", *make), [text(), text(), fine()]);
    }
    for length in ["-1", "+4", "4x", "", "99999999999999999999"] {
        let make = move || Response::new("text").with_header("content-length", length);
        let running =
            Running::with(Server::new("127.0.0.1:0", move |_: &Request| make()).error_log(|_| {}));
        let bytes = running.raw("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let text = Seen::new(200, Some("4"), Some("text"));
        assert_eq!(
            read_strictly(bytes.as_bytes(), &["GET"]),
            [text],
            "{length:?}"
        );
    }
    let make = || {
        let mut r = Response::new("text").with_header("content-length", "4");
        r.headers_mut()
            .append("content-length", HeaderValue::from_static("5"));
        r
    };
    let text = || Seen::new(200, Some("4"), Some("text"));
    assert_eq!(ask("GET", make), [text(), text(), fine()]);
}

/// The handler has no say in the transfer coding.
#[test]
fn transfer_codings_are_ours() {
    let codings: &[Make] = &[
        || Response::new("text").with_header("transfer-encoding", "chunked"),
        || Response::new("text").with_header("transfer-encoding", "gzip, chunked"),
        || Response::new("text").with_header("transfer-encoding", "identity"),
        || {
            Response::new("text")
                .with_header("transfer-encoding", "chunked")
                .with_header("content-length", "4")
        },
    ];
    for make in codings {
        let text = || Seen::new(200, Some("4"), Some("text"));
        assert_eq!(ask("GET", *make), [text(), text(), fine()]);
    }
    let seen = ask("GET", || {
        streamed("text").with_header("transfer-encoding", "gzip")
    });
    let text = || Seen::new(200, None, Some("text"));
    assert_eq!(seen, [text(), text(), fine()]);
}

/// 204, 304 and answers to HEAD have no body, and what else they may not have (Go's
/// `TestNoContentLengthIfTransferEncoding`, `TestResponseWriterWriteString`, `TestHeadResponses`).
#[test]
fn statuses_without_a_body() {
    for make in [
        (|| {
            Response::new("text")
                .with_status(204)
                .with_header("content-length", "9")
        }) as Make,
        || {
            streamed("text")
                .with_status(204)
                .with_header("transfer-encoding", "chunked")
        },
    ] {
        let none = || Seen::new(204, None, Some(""));
        assert_eq!(ask("GET", make), [none(), none(), fine()]);
    }
    let make = || {
        Response::from("text")
            .with_status(304)
            .with_header("content-length", "9")
    };
    let none = || Seen::new(304, None, Some(""));
    assert_eq!(ask("GET", make), [none(), none(), fine()]);
    let heads: &[(Option<&str>, Make)] = &[
        (Some("4"), || Response::new("text")),
        (Some("9"), || {
            Response::new("text").with_header("content-length", "9")
        }),
        (Some("9"), || {
            Response::new(()).with_header("content-length", "9")
        }),
        (Some("9"), || {
            streamed("text").with_header("content-length", "9")
        }),
        (None, || streamed("text")),
        (None, || {
            streamed("text").with_header("transfer-encoding", "chunked")
        }),
        (None, || Response::new(())),
    ];
    for (length, make) in heads {
        let head = || Seen::new(200, *length, Some(""));
        assert_eq!(ask("HEAD", *make), [head(), head(), fine()]);
    }
    assert_eq!(
        ask("CONNECT", || Response::new("text")
            .with_header("content-length", "9"))
        .len(),
        1,
        "after a tunnel nothing is HTTP"
    );
}

/// A 1xx goes before the answer, which is 200 (Go's `TestEarlyHints`, `TestProcessing`).
#[test]
fn informational_statuses() {
    for status in [100, 102, 103] {
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = log.clone();
        let handler = move |_: &Request| {
            Response::new("text")
                .with_status(status)
                .with_header("link", "</a.css>")
                .with_header("content-length", "4")
        };
        let server = Server::new("127.0.0.1:0", handler)
            .error_log(move |l| lines.lock().unwrap().push(l.to_owned()));
        let running = Running::with(server);
        let bytes = running.raw("GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let one = || {
            [
                Seen::new(status, None, Some("")),
                Seen::new(200, Some("4"), Some("text")),
            ]
        };
        let [a, b] = one();
        let [c, d] = one();
        assert_eq!(
            read_strictly(bytes.as_bytes(), &["GET", "GET"]),
            [a, b, c, d]
        );
        assert_eq!(bytes.matches("link: </a.css>").count(), 4);
        let old = running.raw("GET / HTTP/1.0\r\n\r\n");
        assert!(
            old.starts_with("HTTP/1.0 200 OK") && old.ends_with("\r\n\r\ntext"),
            "{old}"
        );
        assert!(log.lock().unwrap().is_empty());
    }
    let switched = ask("GET", || {
        Response::new("text")
            .with_status(101)
            .with_header("content-length", "4")
    });
    assert_eq!(switched, [Seen::new(101, None, Some(""))]);
}

/// Gives some text, then an error.
struct Failing(Option<&'static str>);

impl Read for Failing {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let text = self
            .0
            .take()
            .ok_or_else(|| std::io::Error::other("the disk is gone"))?;
        buf[..text.len()].copy_from_slice(text.as_bytes());
        Ok(text.len())
    }
}

/// A body that fails half-way does not look complete.
#[test]
fn a_body_that_fails() {
    let failing: &[(Option<&str>, Make)] = &[
        (None, || Response::new(Body::reader(Failing(Some("te"))))),
        (Some("4"), || {
            Response::new(Body::sized_reader(Failing(Some("te")), 4))
        }),
        (Some("4"), || {
            Response::new(Body::sized_reader("te".as_bytes(), 4))
        }),
        (Some("4"), || {
            Response::new(Body::reader(Failing(Some("te")))).with_header("content-length", "4")
        }),
    ];
    for (length, make) in failing {
        let (seen, log) = ask_and_log("GET", *make);
        assert_eq!(seen, [Seen::new(200, *length, None)]);
        assert_eq!(log.len(), 1, "{log:?}");
    }
}

/// No header can be smuggled in by a value.
#[test]
fn a_line_break_in_a_value() {
    let seen = ask("GET", || {
        Response::new("text").with_header("x", "a\r\ncontent-length: 99\r\n\r\n")
    });
    let text = || Seen::new(200, Some("4"), Some("text"));
    assert_eq!(seen, [text(), text(), fine()]);
}

/// The body of a request that nobody has read is not taken for a request.
#[test]
fn an_unread_body_is_no_request() {
    let running = Running::start(|r: &Request| r.path().to_owned());
    let inner = "GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";
    for expect in ["", "expect: 100-continue\r\n"] {
        let len = inner.len() + 100_000;
        let head =
            format!("POST /first HTTP/1.1\r\nhost: x\r\n{expect}content-length: {len}\r\n\r\n");
        let mut stream = running.connect();
        stream.write_all(head.as_bytes()).unwrap();
        let (_, body) = read_answer(&mut stream);
        assert_eq!(body, "/first");
        let _ = stream.write_all(inner.as_bytes());
        let mut rest = String::new();
        let _ = stream.read_to_string(&mut rest);
        assert_eq!(rest, "");
    }
}
