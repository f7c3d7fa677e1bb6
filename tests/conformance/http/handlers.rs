//! Handlers as users write them: errors, JSON, forms, shared state, middleware, files, limits of time.

use super::*;
use goroutines::chan::channel;
use goroutines::http::middleware::{access_log_to, cors, limit_body, recover, request_id};
use goroutines::http::{self, Body, FileServer, Mux, Request, Response, TimeoutHandler};
use serde::{Deserialize, Serialize};
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex};

/// A server with this handler, and what it logs.
fn logged(handler: impl Handler) -> (Running, Arc<Mutex<Vec<String>>>) {
    let log = Arc::new(Mutex::new(Vec::new()));
    let lines = log.clone();
    let server = Server::new("127.0.0.1:0", handler)
        .error_log(move |line| lines.lock().unwrap().push(line.to_owned()));
    (Running::with(server), log)
}

fn get(running: &Running, path: &str) -> String {
    running.raw(&format!(
        "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    ))
}

fn post(running: &Running, path: &str, kind: &str, body: &str) -> String {
    let len = body.len();
    running.raw(&format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: {kind}\r\n\
         content-length: {len}\r\n\r\n{body}"
    ))
}

/// Any error turns into an answer; its text is logged with method and path, and not sent.
#[test]
fn errors_are_logged_and_not_sent() {
    let mut mux = Mux::new();
    mux.handle_func("/own", |_| -> http::Result<&'static str> {
        let n = "the secret"
            .parse::<i64>()
            .map_err(|e| http::Error::new(418, e))?;
        Ok(if n == 0 { "zero" } else { "one" })
    });
    mux.handle_func("/io", |_| {
        Err::<(), _>(std::io::Error::other("the secret of /io"))
    });
    mux.handle_func("/gone", |_| -> http::Result<Vec<u8>> {
        Ok(std::fs::read("/no/such/file")?)
    });
    mux.handle_func("/anyhow", |_| -> anyhow::Result<&'static str> {
        use anyhow::Context;
        let n: i32 = "the secret".parse().context("of /anyhow")?;
        Ok(if n == 0 { "zero" } else { "one" })
    });
    mux.handle_func("/boxed", |_| {
        Err::<(), Box<dyn std::error::Error + Send + Sync>>("the secret of /boxed".into())
    });
    mux.handle_func("/fine", |_| -> http::Result<&'static str> { Ok("fine") });
    let (running, log) = logged(mux);
    let table = [
        (
            "/own",
            418,
            "418 I'm a teapot: invalid digit found in string",
        ),
        ("/io", 500, "500 Internal Server Error: the secret of /io"),
        (
            "/gone",
            404,
            "404 Not Found: No such file or directory (os error 2)",
        ),
        (
            "/anyhow",
            500,
            "500 Internal Server Error: of /anyhow: invalid digit found in string",
        ),
        (
            "/boxed",
            500,
            "500 Internal Server Error: the secret of /boxed",
        ),
    ];
    for (path, status, text) in table {
        let answer = get(&running, path);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
        assert!(
            !answer.contains("secret") && !answer.contains("digit"),
            "{answer}"
        );
        let line = log.lock().unwrap().pop().unwrap();
        assert!(line.ends_with(&format!(": GET {path}: {text}")), "{line}");
    }
    assert!(get(&running, "/fine").ends_with("\r\n\r\nfine"));
    assert!(log.lock().unwrap().is_empty());
}

#[derive(Serialize, Deserialize)]
struct Point {
    x: i32,
    y: i32,
}

/// JSON and forms, over the wire, and their faults.
#[test]
fn json_and_forms() {
    let mut mux = Mux::new();
    mux.handle_func("/swap", |req| -> http::Result<Response> {
        let Point { x, y } = req.body_limit(64).json()?;
        Ok(Response::json(&Point { x: y, y: x }))
    });
    mux.handle_func("/form", |req| -> http::Result<String> {
        let form = req.form()?;
        Ok(form.iter().map(|(k, v)| format!("{k}={v};")).collect())
    });
    let (running, log) = logged(mux);
    let answer = post(&running, "/swap", "application/json", r#"{"x": 1, "y": 2}"#);
    assert!(
        answer.contains("content-type: application/json\r\n"),
        "{answer}"
    );
    assert!(answer.ends_with("\r\n\r\n{\"x\":2,\"y\":1}"), "{answer}");
    for (status, body) in [
        (400, "{".to_owned()),
        (400, "{}".into()),
        (413, " ".repeat(65)),
    ] {
        let answer = post(&running, "/swap", "application/json", &body);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
    }
    assert_eq!(log.lock().unwrap().len(), 3);
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    let answer = post(&running, "/form?c=3", kind, "a=1+2&b=%41");
    assert!(answer.ends_with("\r\n\r\na=1 2;b=A;c=3;"), "{answer}");
    let answer = post(&running, "/form?c=3", "text/plain", "a=1");
    assert!(answer.ends_with("\r\n\r\nc=3;"), "{answer}");
    let url = running.url("/swap");
    let request = http::Client::new()
        .request("POST", url)
        .json(&Point { x: 5, y: 6 })
        .unwrap();
    let back: Point = request.send().unwrap().into_json().unwrap();
    assert_eq!((back.x, back.y), (6, 5));
}

/// Middleware sees request and answer, the outermost first.
#[test]
fn middleware() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let lines = seen.clone();
    let mut mux = Mux::new();
    mux.handle_func("/boom", |_| -> () {
        panic!("a handler's panic, wanted by this test")
    });
    mux.handle_func("/", |req| -> http::Result<String> {
        Ok(format!("{}{}", req.id(), req.text()?))
    });
    let handler = access_log_to(recover(limit_body(4, mux)), move |req, answer, _| {
        lines.lock().unwrap().push(format!(
            "{} {} {}",
            req.id(),
            req.path(),
            answer.status().as_u16()
        ));
    });
    let (running, log) = logged(request_id(cors(&["https://a.example"], handler)));
    let ask = |path: &str, headers: &str| {
        running.raw(&format!(
            "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n"
        ))
    };
    let answer = ask("/", "x-request-id: id-7\r\norigin: https://a.example\r\n");
    assert!(
        answer.contains("x-request-id: id-7\r\n") && answer.ends_with("\r\n\r\nid-7"),
        "{answer}"
    );
    assert!(
        answer.contains("access-control-allow-origin: https://a.example\r\n"),
        "{answer}"
    );
    let answer = ask("/boom", "x-request-id: b\r\norigin: https://b.example\r\n");
    assert!(
        answer.starts_with("HTTP/1.1 500 ") && !answer.contains("allow-origin"),
        "{answer}"
    );
    assert!(log.lock().unwrap()[0].ends_with(
        ": GET /boom: 500 Internal Server Error: panic: a handler's panic, wanted by this test"
    ));
    let answer = ask("/", "x-request-id: c\r\ncontent-length: 5\r\n\r\n12345");
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let answer = ask("/", "x-request-id: a b\r\n");
    assert!(!answer.contains("x-request-id: a b"), "{answer}");
    let answer = running.raw(
        "OPTIONS / HTTP/1.1\r\nhost: x\r\nconnection: close\r\norigin: https://a.example\r\n\
         access-control-request-method: PUT\r\n\r\n",
    );
    assert!(
        answer.starts_with("HTTP/1.1 204 ") && answer.contains("allow-methods: PUT"),
        "{answer}"
    );
    assert_eq!(
        seen.lock().unwrap()[..3],
        ["id-7 / 200", "b /boom 500", "c / 413"]
    );
}

/// Files whole, in parts, and not at all (Go's `TestServeFile`, `TestServeFileFromCWD`,
/// `TestDirectoryIfNotModified`, `TestFileServerEscapesNames`).
#[test]
fn files() {
    let dir = std::env::temp_dir().join(format!("goroutines-http-files-{}", std::process::id()));
    std::fs::create_dir_all(dir.join("root/sub")).unwrap();
    std::fs::write(dir.join("secret"), "secret").unwrap();
    std::fs::write(dir.join("root/a b.txt"), "0123456789").unwrap();
    std::fs::write(dir.join("root/sub/index.html"), "<p>index").unwrap();
    let mut mux = Mux::new();
    mux.handle("/f/", FileServer::new(dir.join("root")).strip_prefix("/f"));
    let (running, _) = logged(mux);
    let ask = |path: &str, headers: &str| {
        running.raw(&format!(
            "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n"
        ))
    };
    let whole = ask("/f/a%20b.txt", "");
    assert!(
        whole.ends_with("\r\n\r\n0123456789") && whole.contains("content-length: 10"),
        "{whole}"
    );
    for (range, status, body) in [
        ("bytes=2-4", 206, "234"),
        ("bytes=7-", 206, "789"),
        ("bytes=-2", 206, "89"),
        ("bytes=8-99", 206, "89"),
        ("bytes=0-18446744073709551615", 206, "0123456789"),
        ("bytes=4-2", 200, "0123456789"),
        ("bytes=0-1,3-4", 200, "0123456789"),
        ("bytes=10-", 416, "Requested Range Not Satisfiable\n"),
    ] {
        let answer = ask("/f/a%20b.txt", &format!("range: {range}\r\n"));
        let (head, got) = answer.split_once("\r\n\r\n").unwrap();
        let wrong = format!("{range}: {answer}");
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{wrong}");
        assert!(got == body || status == 416, "{wrong}");
    }
    let header = |name: &str| {
        let line = whole.lines().find_map(|l| l.strip_prefix(name)).unwrap();
        line.trim().to_owned()
    };
    for known in [
        format!("if-none-match: \"x\", {}", header("etag:")),
        format!("if-modified-since: {}", header("last-modified:")),
    ] {
        let answer = ask("/f/a%20b.txt", &format!("{known}\r\n"));
        assert!(
            answer.starts_with("HTTP/1.1 304 ") && answer.ends_with("\r\n\r\n"),
            "{answer}"
        );
    }
    assert!(ask("/f/sub", "").contains("location: sub/\r\n"));
    assert!(ask("/f/sub/", "").ends_with("\r\n\r\n<p>index"));
    assert!(ask("/f/sub/index.html", "").contains("location: ./\r\n"));
    for none in [
        "/f/",
        "/f/none",
        "/f/a%20b.txt/",
        "/f/..%2fsecret",
        "/f/%2e%2e/secret",
        "/f/a%00b",
    ] {
        let answer = ask(none, "");
        assert!(answer.starts_with("HTTP/1.1 404 "), "{none}: {answer}");
        assert!(!answer.contains("secret"), "{answer}");
    }
    assert!(post(&running, "/f/a%20b.txt", "x/y", "").starts_with("HTTP/1.1 405 "));
    std::fs::remove_dir_all(dir).unwrap();
}

/// Go's `TestTimeoutHandler`, `TestTimeoutHandlerRace`, `TestTimeoutHandlerPanicRecovery`: answers in
/// time come through, with the body read; later ones are 503, whatever the handler waits for.
#[test]
fn timeout_handler() {
    let (ended, ends) = channel::<ErrorKind>(8);
    let mut mux = Mux::new();
    mux.handle_func("/echo/{name}", |req| {
        format!("{} {}", req.path_value("name"), req.text().unwrap())
    });
    let tx = ended.clone();
    mux.handle_func("/waits", move |req| {
        req.context().done().recv();
        tx.send(ErrorKind::Interrupted);
    });
    mux.handle_func("/reads", move |req| {
        let e = req.bytes().unwrap_err();
        assert!(req.bytes().is_err());
        ended.send(e.kind());
    });
    mux.handle_func("/boom", |_| -> () {
        panic!("a handler's panic, wanted by this test")
    });
    let mux = Arc::new(mux);
    let limited = TimeoutHandler::new(mux.clone(), Duration::from_secs(60)).text("late");
    let (running, log) = logged(limited);
    let mut stream = running.connect();
    for i in 0..3 {
        write!(
            stream,
            "POST /echo/{i} HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nbody"
        )
        .unwrap();
        assert_eq!(read_answer(&mut stream).1, format!("{i} body"));
    }
    assert_eq!(get(&running, "/boom"), "");
    assert!(log.lock().unwrap()[0].contains("GET /boom: panic: "));

    let late = TimeoutHandler::new(mux, Duration::from_millis(20)).text("late");
    let (running, _) = logged(late);
    assert!(get(&running, "/waits").ends_with("\r\n\r\nlate"));
    assert_eq!(ends.recv(), Some(ErrorKind::Interrupted));
    let mut stream = running.connect();
    write!(
        stream,
        "POST /reads HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nbo"
    )
    .unwrap();
    let (head, body) = read_answer(&mut stream);
    assert!(
        head.starts_with("http/1.1 503 ") && body == "late",
        "{head}{body}"
    );
    assert_eq!(ends.recv(), Some(ErrorKind::TimedOut));
}

/// A body may be made of a reader, and its status given in a pair.
#[test]
fn pairs() {
    let (running, _) =
        logged(|_: &Request| (http::StatusCode::CREATED, Body::reader(&b"made"[..])));
    let answer = get(&running, "/");
    assert!(
        answer.starts_with("HTTP/1.1 201 Created\r\n") && answer.contains("made"),
        "{answer}"
    );
}

/// Somebody asks for the context of a request whose body a `TimeoutHandler`'s handler reads: the two do not wait for the
/// same socket, and the body comes.
#[test]
fn a_context_beside_a_body_that_is_lent() {
    let reads = TimeoutHandler::new(|req: &Request| req.text().unwrap(), Duration::from_secs(60));
    let (asked, asks) = channel(1);
    let running = Running::start(move |req: &Request| {
        goroutines::scope(|s| {
            s.go(|| {
                goroutines::time::sleep(Duration::from_millis(20));
                let alive = req.context().err().is_none();
                asked.send(alive);
            });
            reads.serve_http(req)
        })
    });
    let mut stream = running.connect();
    for _ in 0..2 {
        write!(
            stream,
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 8\r\n\r\n"
        )
        .unwrap();
        assert_eq!(asks.recv(), Some(true));
        for half in ["half", "next"] {
            stream.write_all(half.as_bytes()).unwrap();
            goroutines::time::sleep(Duration::from_millis(20));
        }
        assert_eq!(read_answer(&mut stream).1, "halfnext");
    }
}

/// A `TimeoutHandler` in another: when the time of the outer is over, both have given up the body that does not come, and
/// the connection says so.
#[test]
fn a_limit_in_a_limit() {
    let (ended, ends) = channel(64);
    let inner = TimeoutHandler::new(
        move |req: &Request| {
            let ended_by = req.bytes().map_err(|e| e.kind());
            ended.send(ended_by.unwrap_err());
        },
        Duration::from_secs(60),
    );
    let outer = TimeoutHandler::new(inner, Duration::from_millis(5)).text("late");
    let (running, log) = logged(outer);
    for _ in 0..20 {
        let mut stream = running.connect();
        write!(
            stream,
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 8\r\n\r\nhalf"
        )
        .unwrap();
        let (head, text) = read_answer(&mut stream);
        assert_eq!(text, "late");
        assert!(
            head.contains("503") && head.contains("connection: close"),
            "{head}"
        );
        assert_eq!(ends.recv(), Some(ErrorKind::TimedOut));
    }
    assert!(log.lock().unwrap().is_empty());
}

/// A handler that is late already hands the request on to another limit: there is no body any more, and nobody waits for
/// it.
#[test]
fn a_limit_after_a_limit() {
    let inner = TimeoutHandler::new(
        |req: &Request| assert!(req.bytes().is_err(), "an empty body for a whole one"),
        Duration::from_secs(60),
    );
    let (returned, returns) = channel(64);
    let late = move |req: &Request| {
        req.context().done().recv();
        let response = inner.serve_http(req);
        returned.send(response.status());
    };
    let outer = TimeoutHandler::new(late, Duration::from_millis(5)).text("late");
    let (running, log) = logged(outer);
    for _ in 0..20 {
        let mut stream = running.connect();
        write!(
            stream,
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 8\r\n\r\nhalf"
        )
        .unwrap();
        assert_eq!(read_answer(&mut stream).1, "late");
        // That limit's context is over, too.
        assert_eq!(returns.recv(), Some(http::StatusCode::SERVICE_UNAVAILABLE));
    }
    assert!(log.lock().unwrap().is_empty());
}

/// Two limits beside each other share no body: the first has it.
#[test]
fn two_limits_beside_each_other() {
    let limited = || TimeoutHandler::new(|req: &Request| req.text(), Duration::from_secs(60));
    let (first, second) = (limited(), limited());
    let running = Running::start(move |req: &Request| {
        goroutines::scope(|s| {
            s.go(|| second.serve_http(req));
            first.serve_http(req)
        })
    });
    let mut stream = running.connect();
    for _ in 0..20 {
        write!(
            stream,
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nbody"
        )
        .unwrap();
        let (head, text) = read_answer(&mut stream);
        assert!(
            head.starts_with("http/1.1 200 ") && ["", "body"].contains(&&*text),
            "{head}{text}"
        );
    }
}

/// A limit is for the wait: what has come in time is there, however late it is asked for.
#[test]
fn a_piece_that_came_in_time_is_read_late() {
    in_time(Duration::from_millis(50), |limit| {
        let (began, begins) = channel(1);
        let (sent, sends) = channel(1);
        let server = Server::new("127.0.0.1:0", move |req: &Request| -> io::Result<String> {
            let mut text = [0; 8];
            let mut body = req.body();
            let first = body.read_exact(&mut text[..4]);
            began.send(());
            first?;
            sends.recv();
            goroutines::time::sleep(3 * limit);
            body.read_exact(&mut text[4..])?;
            Ok(String::from_utf8_lossy(&text).into_owned())
        });
        let running = Running::with(server.read_timeout(limit).read_header_timeout(limit));
        let mut stream = running.connect();
        write!(
            stream,
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 8\r\n\r\nhalf"
        )
        .unwrap();
        begins.recv();
        // Where the first half came too late the connection may be gone.
        let _ = stream.write_all(b"next");
        sent.send(());
        let mut answer = String::new();
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = stream.read_to_string(&mut answer);
        answer.ends_with("halfnext").then_some(())
    });
}
