//! Forms with files (Go's `mime/multipart`, `TestMultipartReader`, `TestParseMultipartForm`).

use super::*;
use goroutines::chan::channel;
use goroutines::http::{Body, Request, Response, StatusCode};

const KIND: &str = "multipart/form-data; boundary=\"cut here\"";

fn part(fields: &str, content: &str) -> String {
    format!("--cut here\r\ncontent-disposition: form-data; {fields}\r\n\r\n{content}\r\n")
}

/// Gives its text a few bytes at a time.
struct Dripping(String, usize);

impl Read for Dripping {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let rest = &self.0.as_bytes()[self.1..];
        let n = rest.len().min(buf.len()).min(7);
        buf[..n].copy_from_slice(&rest[..n]);
        self.1 += n;
        Ok(n)
    }
}

/// Says what it has got; `/first` reads the first part only, `/skip` none.
fn describe(r: &Request) -> goroutines::http::Result<String> {
    let mut form = r.multipart()?;
    let mut seen = String::new();
    while let Some(mut part) = form.next_part()? {
        let names = format!("{} {:?}", part.name(), part.file_name());
        let text = match r.path() {
            "/skip" => "-".to_owned(),
            _ => part.text()?,
        };
        let short = if text.len() > 20 {
            format!("{} bytes", text.len())
        } else {
            text
        };
        seen += &format!("{names} {short}\n");
        if r.path() == "/first" {
            break;
        }
    }
    Ok(seen)
}

#[test]
fn forms_with_files() {
    let running = Running::start(describe);
    let client = Client::new();
    let body = [
        part("name=a", "one"),
        part(
            "name=\"b\"; filename=\"dir/b.txt\"\r\ncontent-type: text/plain",
            "two\r\n--cut",
        ),
        part("name=c", ""),
        part("name=large", &"x".repeat(300_000)),
        "--cut here--\r\n".into(),
    ]
    .concat();
    let ask = |path: &str, body: Body| {
        let answer = client.post(running.url(path), KIND, body).unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.text().unwrap()
    };
    let all = "a None one\nb Some(\"b.txt\") two\r\n--cut\nc None \nlarge None 300000 bytes\n";
    let skipped = "a None -\nb Some(\"b.txt\") -\nc None -\nlarge None -\n";
    for dripping in [false, true] {
        let body = || match dripping {
            true => Body::reader(Dripping(body.clone(), 0)),
            false => Body::from(body.clone()),
        };
        assert_eq!(ask("/", body()), all);
        assert_eq!(ask("/skip", body()), skipped);
        assert_eq!(ask("/first", body()), "a None one\n");
    }
}

/// A part may be larger than its head may: it is not kept. Behind it stands another.
#[test]
fn a_large_part() {
    let running = Running::start(describe);
    let large = part("name=a; filename=\"/dir/\"", &"x".repeat(3 << 20));
    let body = large + &part("name=b", "two") + "--cut here--\r\n";
    let ask = |path: &str| {
        let answer = Client::new().post(running.url(path), KIND, body.clone());
        answer.unwrap().text().unwrap()
    };
    let all = "a Some(\"dir\") 3145728 bytes\nb None two\n";
    assert_eq!(ask("/"), all);
    assert_eq!(
        ask("/skip"),
        all.replace("3145728 bytes", "-").replace("two", "-")
    );
}

/// What has come is given out: nothing waits for what the client sends later.
#[test]
fn parts_as_they_come() {
    let (seen, sees) = channel(0);
    let running = Running::start(move |r: &Request| {
        let mut form = r.multipart().unwrap();
        let mut part = form.next_part().unwrap().unwrap();
        seen.send(part.name().to_owned());
        let mut buf = [0; 64];
        let n = part.read(&mut buf).unwrap();
        seen.send(String::from_utf8_lossy(&buf[..n]).into_owned());
        seen.send(part.text().unwrap());
        let mut part = form.next_part().unwrap().unwrap();
        seen.send(part.text().unwrap());
        assert!(form.next_part().unwrap().is_none());
        ""
    });
    let mut stream = running.connect();
    let head = "content-disposition: form-data; name=";
    let kind = format!("content-type: {KIND}");
    write!(
        stream,
        "POST / HTTP/1.1\r\nhost: x\r\n{kind}\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    .unwrap();
    let mut send = |text: &str| write!(stream, "{:x}\r\n{text}\r\n", text.len()).unwrap();
    for (text, shows) in [
        (format!("--cut here\r\n{head}one\r\n\r\n"), "one"),
        ("beginning".into(), "beginning"),
        (", end\r\n--cut here".into(), ", end"),
        (format!("\r\n{head}two\r\n\r\nother\r\n--cut here"), "other"),
    ] {
        send(&text);
        assert_eq!(sees.recv_timeout(tests::patience(60)).unwrap(), shows);
    }
    write!(stream, "2\r\n--\r\n0\r\n\r\n").unwrap();
    assert!(read_answer(&mut stream).0.starts_with("http/1.1 200 "));
}

/// When reading has failed, what comes after the gap is not taken for a part.
#[test]
fn no_part_after_a_gap() {
    let running = Running::start(|r: &Request| {
        let mut form = r.multipart().unwrap();
        let first = form.next_part().map(drop).unwrap_err();
        let second = form.next_part().map(drop).unwrap_err();
        let answer = goroutines::http::Error::from(second);
        assert_eq!(first.kind(), std::io::ErrorKind::InvalidData);
        format!("{first}, {answer:?}")
    });
    let head = format!("name=a\r\nx: {}", "z".repeat((1 << 20) + (64 << 10)));
    let body = part(&head, "one") + &part("name=b", "two") + "--cut here--\r\n";
    let answer = Client::new().post(running.url("/"), KIND, body).unwrap();
    assert_eq!(
        answer.text().unwrap(),
        "http: the head of a part is too large, 400 Bad Request: http: the form could not be read"
    );
}

/// 400 for what is malformed or broken off, 413 beyond the limit, 415 for what is no such form.
#[test]
fn forms_that_are_refused() {
    let limited = |r: &Request| -> Response {
        if r.path() == "/limited" {
            r.body_limit(100);
        }
        describe(r).into()
    };
    let (tx, lines) = channel(100);
    let server =
        Server::new("127.0.0.1:0", limited).error_log(move |line| tx.send(line.to_owned()));
    let running = Running::with(server);
    let client = Client::new();
    let ask = |path: &str, kind: &str, body: String| {
        client
            .post(running.url(path), kind, body)
            .unwrap()
            .status()
            .as_u16()
    };
    let whole = |parts: String| parts + "--cut here--\r\n";
    assert_eq!(ask("/", KIND, whole(part("name=a", "one"))), 200);
    assert_eq!(ask("/", "text/plain", whole(part("name=a", "one"))), 415);
    assert_eq!(
        ask("/", "multipart/form-data", whole(part("name=a", "one"))),
        415
    );
    assert_eq!(ask("/", KIND, part("name=a", "one")), 400);
    assert_eq!(ask("/", KIND, String::new()), 400);
    assert_eq!(ask("/", KIND, "--cut here\r\nno colon\r\n\r\n".into()), 400);
    let long = "y".repeat(200);
    assert_eq!(ask("/limited", KIND, whole(part("name=a", &long))), 413);
    // Not kept in memory for ever: the head of one part.
    while lines.try_recv().is_ok() {}
    let head = part(&format!("name=a\r\nx: {}", "z".repeat(2 << 20)), "");
    assert_eq!(ask("/", KIND, whole(head)), 400);
    let line = lines.recv().unwrap();
    assert!(line.ends_with("the head of a part is too large"), "{line}");
}
