//! Forms with files (Go's `mime/multipart`, `TestMultipartReader`, `TestParseMultipartForm`).

use super::*;
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

/// 400 for what is malformed or broken off, 413 beyond the limit, 415 for what is no such form.
#[test]
fn forms_that_are_refused() {
    let limited = |r: &Request| -> Response {
        if r.path() == "/limited" {
            r.body_limit(100);
        }
        describe(r).into()
    };
    let server = Server::new("127.0.0.1:0", limited).error_log(|_| ());
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
    let head = part(&format!("name=a\r\nx: {}", "z".repeat(2 << 20)), "");
    assert_eq!(ask("/", KIND, whole(head)), 400);
}
