//! Answers that come compressed: whole, in pieces, and empty.

use super::transport::{await_end, raw_server, read_head};
use super::*;
use goroutines::http::{Body, Request, Response};

/// Answers come compressed without anybody's knowing, but not if the request says what it takes
/// (Go's `TestTransportGzip`).
#[test]
fn gzip() {
    use flate2::{Compression, write::GzEncoder};
    let running = Running::start(|r: &Request| {
        let accepts = r.header("accept-encoding").unwrap_or("-").to_owned();
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        write!(packed, "{accepts} {}", "x".repeat(100_000)).unwrap();
        Response::new(packed.finish().unwrap()).with_header("content-encoding", "gzip")
    });
    let client = Client::new();
    for _ in 0..2 {
        let answer = client.get(running.url("/")).unwrap();
        assert_eq!(answer.header("content-encoding"), None);
        let text = answer.text().unwrap();
        assert!(
            text.len() == 100_015 && text.starts_with("gzip, br, zstd x"),
            "{}",
            text.len()
        );
    }
    let request = client
        .request("GET", running.url("/"))
        .header("accept-encoding", "gzip");
    let answer = request.send().unwrap();
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    assert!(answer.bytes().unwrap().starts_with(&[0x1f, 0x8b]));
    // A part of what is compressed cannot be unpacked (Go's `TestTransportRangeAndGzip`).
    let request = client.request("GET", running.url("/"));
    let answer = request.header("range", "bytes=0-9").send().unwrap();
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(answer.into_body())
        .read_to_string(&mut text)
        .unwrap();
    assert!(text.starts_with("- x"), "it has asked for none");
}

/// The other codings; one that is broken is an error of the body; what we do not know is left as it is.
#[test]
fn brotli_and_zstd() {
    const BROTLI: &[u8] = &[0x0b, 0x02, 0x80, b'h', b'e', b'l', b'l', b'o', 0x03];
    let running = Running::start(|r: &Request| {
        let coding = r.path()[1..].to_owned();
        let body = match &*coding {
            "br" | "BR" => BROTLI.to_vec(),
            "zstd" => zstd::encode_all(&b"hello".repeat(10_000)[..], 1).unwrap(),
            _ => b"as it is".to_vec(),
        };
        let coding = if coding == "broken" { "zstd" } else { &coding };
        Response::new(body).with_header("content-encoding", coding)
    });
    let client = Client::new();
    let get = |path: &str| client.get(running.url(path)).unwrap();
    assert_eq!(get("/br").text().unwrap(), "hello");
    assert_eq!(get("/BR").text().unwrap(), "hello");
    let answer = get("/zstd");
    assert_eq!(answer.header("content-encoding"), None);
    assert_eq!(answer.text().unwrap(), "hello".repeat(10_000));
    assert!(get("/broken").text().is_err());
    let answer = get("/other");
    assert_eq!(answer.header("content-encoding"), Some("other"));
    assert_eq!(answer.text().unwrap(), "as it is");
}

/// The head comes before the body, and each piece that the server has flushed before the next.
#[test]
fn packed_pieces_come_at_once() {
    const EVENTS: [&str; 3] = ["event 0\n", "event 1\n", "event 2\n"];
    fn pieces<W: Write>(mut to: W, taken: impl Fn(&mut W) -> Vec<u8>) -> Vec<Vec<u8>> {
        let piece = |event: &&str| {
            to.write_all(event.as_bytes()).unwrap();
            to.flush().unwrap();
            taken(&mut to)
        };
        EVENTS.iter().map(piece).collect()
    }
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let gzip = pieces(gzip, |to| std::mem::take(to.get_mut()));
    let zstd = zstd::Encoder::new(Vec::new(), 3).unwrap();
    let zstd = pieces(zstd, |to| std::mem::take(to.get_mut()));
    for (coding, pieces) in [("gzip", gzip), ("zstd", zstd)] {
        let (go_on, going) = std::sync::mpsc::channel();
        let going = std::sync::Mutex::new(going);
        let url = raw_server(move |_, mut s| {
            read_head(&mut s).unwrap();
            write!(s, "HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\n\r\n").unwrap();
            for piece in &pieces {
                going.lock().unwrap().recv().unwrap();
                s.write_all(piece).unwrap();
            }
            await_end(&mut s);
        });
        let client = Client::with_timeout(Duration::from_secs(60));
        let mut answer = client.get(&url).unwrap();
        for event in EVENTS {
            go_on.send(()).unwrap();
            let mut got = vec![0; event.len()];
            answer.read_exact(&mut got).unwrap();
            assert_eq!(got, event.as_bytes(), "{coding}");
        }
    }
}

/// Where there is nothing, nothing was packed (Go's `TestTransportGzipRecursive`'s neighbours).
#[test]
fn empty_answers_are_not_packed() {
    let running = Running::start(|r: &Request| {
        let answer = match &*r.query("as").unwrap() {
            "304" => Response::from(goroutines::http::StatusCode::NOT_MODIFIED),
            "reader" => Response::new(Body::reader(&b""[..])),
            _ => Response::new(""),
        };
        answer.with_header("content-encoding", &r.path()[1..])
    });
    for coding in ["gzip", "br", "zstd"] {
        for kind in ["304", "reader", "whole"] {
            let url = running.url(&format!("/{coding}?as={kind}"));
            let text = goroutines::http::get(url).unwrap().text();
            assert_eq!(text.unwrap(), "", "{coding} {kind}");
        }
    }
}

/// All frames of zstd, also such that are to be skipped; one that is broken, cut off or wants more memory
/// than RFC 9659 allows is an error.
#[test]
fn frames_of_zstd() {
    fn frame(text: &str, change: impl FnOnce(&mut zstd::Encoder<'_, Vec<u8>>)) -> Vec<u8> {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        change(&mut encoder);
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }
    let plain = |text| frame(text, |_| ());
    let skipped = b"\x50\x2a\x4d\x18\x03\0\0\0abc".to_vec();
    let checked = frame("checked", |e| e.include_checksum(true).unwrap());
    let mut wrong = checked.clone();
    *wrong.last_mut().unwrap() ^= 1;
    let mut cut = plain("cut off");
    cut.truncate(cut.len() - 2);
    let wide = |log| frame("wide", move |e| e.window_log(log).unwrap());
    let cases = [
        (
            [skipped, plain("one, "), plain("two")].concat(),
            Some("one, two"),
        ),
        (checked, Some("checked")),
        (wide(23), Some("wide")),
        (wide(24), None),
        (wrong, None),
        (cut, None),
    ];
    let bodies: Vec<_> = cases.iter().map(|(body, _)| body.clone()).collect();
    let running = Running::start(move |r: &Request| {
        let n: usize = r.path()[1..].parse().unwrap();
        Response::new(bodies[n].clone()).with_header("content-encoding", "zstd")
    });
    for (n, (_, text)) in cases.iter().enumerate() {
        let got = goroutines::http::get(running.url(&format!("/{n}"))).unwrap();
        assert_eq!(got.text().ok().as_deref(), *text, "{n}");
    }
}
