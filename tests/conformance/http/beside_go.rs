//! The same bytes to Go's server and to ours, in one run. Where there is no Go this says so and is done.

use super::malformed::REQUESTS;
use super::*;
use goroutines::http::{Mux, Request, Response};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Go's server, of `beside_go.go`; killed at the end.
struct GoServer {
    child: Child,
    addr: SocketAddr,
}

impl Drop for GoServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// From `$GO`, or where benches/install-go.sh puts it.
fn go() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let given = std::env::var_os("GO").map(PathBuf::from);
    let installed = here.parent().map(|root| root.join(".venv/bin/go"));
    given.into_iter().chain(installed).find(|go| go.exists())
}

fn go_server() -> Option<GoServer> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/http/beside_go.go");
    let program = std::env::temp_dir().join(format!("beside-go-{}", std::process::id()));
    let mut build = Command::new(go()?);
    build.args(["build", "-o"]).arg(&program).arg(source);
    assert!(build.status().unwrap().success(), "Go does not build it");
    let mut child = Command::new(&program)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    // It runs without its name.
    std::fs::remove_file(program).unwrap();
    let addr = line.trim().parse().unwrap();
    Some(GoServer { child, addr })
}

/// What the Go program's handlers do.
fn our_server() -> Running {
    let mut mux = Mux::new();
    mux.handle_func("/", |_: &Request| "fine");
    mux.handle_func("/read", |r: &Request| match r.text() {
        Ok(text) => Response::from(text),
        Err(_) => Response::error(400, "unreadable"),
    });
    mux.handle_func("/less", |_: &Request| {
        Response::new("12345").with_header("content-length", "9")
    });
    mux.handle_func("/more", |_: &Request| {
        Response::new("12345").with_header("content-length", "3")
    });
    mux.handle_func("/none", |_: &Request| {
        (goroutines::http::StatusCode::NO_CONTENT, "x")
    });
    mux.handle_func("/same", |_: &Request| {
        (goroutines::http::StatusCode::NOT_MODIFIED, "x")
    });
    let server = Server::new("127.0.0.1:0", mux).error_log(|_| ());
    Running::with(server)
}

/// The answers to `request`: the status and the body of each, in order, and whether the server closes
/// within its answer.
fn answers(addr: SocketAddr, request: &[u8]) -> Vec<String> {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let _ = stream.write_all(request);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut seen = Vec::new();
    for answer in text.split("HTTP/1.").skip(1) {
        let status = answer.get(2..5).unwrap_or("???");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
        let head = head.to_ascii_lowercase();
        let closes = if head.contains("connection: close") {
            ", closes"
        } else {
            ""
        };
        let body = match status {
            "200" => body.trim_end(),
            _ => "",
        };
        seen.push(format!("{status} {body:?}{closes}"));
    }
    seen
}

/// Besides the malformed ones: bodies, pipelines, wrong lengths, codings.
const MORE: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /read HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhello",
    "POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n",
    "POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
    "POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
    "POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n",
    "POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "POST /read HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello",
    "POST /read HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /less HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /none HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /same HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.1\nHost: x\n\n",
    "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nX: \u{fc}\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\na",
    "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x1\r\n\r\na",
    "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\na",
    "GET / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n",
    "G@T / HTTP/1.1\r\nHost: x\r\n\r\n",
    "G(T / HTTP/1.1\r\nHost: x\r\n\r\n",
    "get / HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
    " GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET / http/1.1\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.2\r\nHost: x\r\n\r\n",
    "GET / HTTP/01.1\r\nHost: x\r\n\r\n",
    "GET * HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET  HTTP/1.1\r\nHost: x\r\n\r\n",
    "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n",
    "CONNECT / HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET http://y/ HTTP/1.1\r\n\r\n",
    "GET /\u{fc} HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /#f HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
    "GET / HTTP/1.1\r\nHo",
    "",
];

/// Where we differ, on purpose or because hyper does.
const KNOWN: &[(&str, &str)] = &[
    (
        "POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "two lengths: the chunks count for both, and we close besides, as RFC 9112 wants",
    ),
    (
        "POST /read HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "chunks by HTTP/1.0: Go takes the body for empty, we refuse",
    ),
    (
        "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "an empty line before a request: we pass over it, as RFC 9112 wants",
    ),
    ("\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", "the same"),
    (
        "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
        "a folded line: Go joins it, we refuse; RFC 9112 allows both",
    ),
    (
        "GET / HTTP/1.2\r\nHost: x\r\n\r\n",
        "a version to come: hyper knows 1.0 and 1.1",
    ),
    (
        "CONNECT / HTTP/1.1\r\nHost: x\r\n\r\n",
        "the answer to a CONNECT that succeeds has no body here",
    ),
    (
        "POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhello",
        "the end within a body: both close, and we say so",
    ),
    (
        "GET / HTTP/1.1\r\nHo",
        "half a head and the end: Go answers 400, we end too",
    ),
];

/// Prints every difference, and knows of none that is not told in `KNOWN`.
#[test]
fn beside_go() {
    let Some(go) = go_server() else {
        eprintln!("beside_go: skipped, there is no Go here (benches/install-go.sh)");
        return;
    };
    let ours = our_server();
    let malformed = REQUESTS.iter().map(|(_, request)| *request);
    let mut unknown = 0;
    for request in malformed.chain(MORE.iter().copied()) {
        let (want, got) = (
            answers(go.addr, request.as_bytes()),
            answers(ours.addr, request.as_bytes()),
        );
        if want == got {
            continue;
        }
        let known = KNOWN.iter().find(|(known, _)| *known == request);
        let why = known.map_or("NOT KNOWN", |(_, why)| why);
        unknown += usize::from(known.is_none());
        println!("{request:?}\n    Go:   {want:?}\n    ours: {got:?}\n    {why}");
    }
    assert_eq!(unknown, 0, "differences that are not told");
}
