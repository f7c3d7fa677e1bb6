//! Small and large answers on one connection: the server hands them to the kernel in different ways, and changes between
//! two requests from one to the other.

use super::*;
use goroutines::http::{Body, Request, Response};
use std::io::{BufRead, BufReader, Cursor};

/// What the answer to a path holds: `/s5` is five bytes, `/r5` five bytes of a reader.
fn content(path: &str) -> Vec<u8> {
    let len: usize = path[2..].parse().unwrap();
    (0..len).map(|i| (i * 7 + i / 251) as u8).collect()
}

fn answer(request: &Request) -> Response {
    if request.method() == "POST" {
        return Response::new(request.text().unwrap());
    }
    let content = content(request.path());
    match request.path().starts_with("/r") {
        true => Response::new(Body::reader(Cursor::new(content))),
        false => Response::new(content),
    }
}

/// The lines of a head, or of a chunk's beginning.
fn line(from: &mut impl BufRead) -> String {
    let mut line = String::new();
    from.read_line(&mut line).unwrap();
    line.trim_end().to_ascii_lowercase()
}

/// Reads an answer; gives its body.
fn body(from: &mut impl BufRead) -> Vec<u8> {
    assert_eq!(line(from), "http/1.1 200 ok");
    let mut len = None;
    loop {
        match line(from) {
            end if end.is_empty() => break,
            field => {
                if let Some(n) = field.strip_prefix("content-length: ") {
                    len = Some(n.parse().unwrap());
                }
            }
        }
    }
    let mut all = Vec::new();
    let mut part = |from: &mut dyn BufRead, len: usize| {
        let at = all.len();
        all.resize(at + len, 0);
        from.read_exact(&mut all[at..]).unwrap();
    };
    match len {
        Some(len) => part(from, len),
        None => loop {
            let len = usize::from_str_radix(&line(from), 16).unwrap();
            part(from, len);
            assert_eq!(line(from), "");
            if len == 0 {
                break;
            }
        },
    }
    all
}

/// While an answer is sent, a half of the next request is there already.
#[test]
fn small_and_large_by_turns() {
    let running = Running::start(answer);
    let small = vec!["/s5"; 70];
    let paths: Vec<&str> = ["/s5", "/s20000", "/s6", "/s3000000", "/s16384", "/s16385"]
        .into_iter()
        .chain(small.clone())
        .chain(["/s0", "/s1000000", "/s7"])
        .chain(small)
        .chain(["/r40000", "/s8", "/r10", "/s70000"])
        .collect();
    let mut stream = BufReader::new(running.connect());
    let requests: Vec<String> = paths
        .iter()
        .map(|path| format!("GET {path} HTTP/1.1\r\nhost: here\r\n\r\n"))
        .collect();
    let mut half = 0;
    for (i, path) in paths.iter().enumerate() {
        let next = requests
            .get(i + 1)
            .map_or("", |next| &next[..next.len() / 2]);
        let send = format!("{}{next}", &requests[i][half..]);
        stream.get_mut().write_all(send.as_bytes()).unwrap();
        half = next.len();
        assert!(body(&mut stream) == content(path), "{i} {path}");
    }
}

/// All requests are there at once.
#[test]
fn small_and_large_in_a_pipeline() {
    let running = Running::start(answer);
    let paths = [
        "/s5", "/s200000", "/s6", "/r50000", "/s7", "/s100000", "/s0",
    ];
    let mut stream = BufReader::new(running.connect());
    let all: String = paths
        .iter()
        .map(|path| format!("GET {path} HTTP/1.1\r\nhost: here\r\n\r\n"))
        .collect();
    stream.get_mut().write_all(all.as_bytes()).unwrap();
    for path in paths {
        assert!(body(&mut stream) == content(path), "{path}");
    }
}

/// Behind a large answer, of a head that is long and has many fields, nothing is lost, its length least of all.
#[test]
fn a_long_head_behind_a_large_answer() {
    const BODY: &str = "GET /s5 HTTP/1.1\r\nhost: other\r\n\r\n";
    let running = Running::start(answer);
    let mut stream = BufReader::new(running.connect());
    let mut fields: Vec<String> = (0..230)
        .map(|i| format!("a{i}: {}\r\n", "x".repeat(42)))
        .collect();
    fields.insert(190, format!("content-length: {}\r\n", BODY.len()));
    let head = format!("POST /u HTTP/1.1\r\nhost: here\r\n{}\r\n", fields.concat());
    let at = head.find("content-length").unwrap();
    assert!(at > 8 << 10 && at < head.len() - 1000, "{at}");
    let (most, end) = head.split_at(head.len() - 60);
    let first = format!("GET /s3000000 HTTP/1.1\r\nhost: here\r\n\r\n{most}");
    stream.get_mut().write_all(first.as_bytes()).unwrap();
    assert!(body(&mut stream) == content("/s3000000"));
    let rest = format!("{end}{BODY}GET /s7 HTTP/1.1\r\nhost: here\r\n\r\n");
    stream.get_mut().write_all(rest.as_bytes()).unwrap();
    assert_eq!(String::from_utf8_lossy(&body(&mut stream)), BODY);
    assert!(body(&mut stream) == content("/s7"));
}
