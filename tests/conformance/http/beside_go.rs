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

/// Where we differ, on purpose or because hyper does: what the request contains, and why.
const KNOWN: &[(&str, &str)] = &[
    (
        "Transfer-Encoding: chunked\r\nContent-Length:",
        "two lengths: the chunks count for both, and we close besides, as RFC 9112 wants",
    ),
    (
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "the same",
    ),
    (
        "Content-Length: 5\r\nContent-Length: 05",
        "the same number twice: Go compares the texts",
    ),
    ("Content-Length: 05\r\nContent-Length: 5", "the same"),
    (
        "HTTP/1.0\r\nTransfer-Encoding:",
        "a coding by HTTP/1.0: Go passes over it, we refuse",
    ),
    (
        "\r\n00000000000000005\r\n",
        "leading zeros of a chunk's length: Go counts digits",
    ),
    ("\r\n5 ;a\r\n", "a space before a chunk's extension"),
    (
        "0\r\n\nGET",
        "an LF alone after the last chunk: hyper takes what follows for trailers; we close",
    ),
    ("0\r\nX", "we close after trailers, and refuse odd ones"),
    ("0\r\nContent-Length: 9", "we close after trailers"),
    ("0\r\nTransfer-Encoding: ", "the same"),
    (
        "\r\n\r\n\r\nGET",
        "empty lines before a request: we pass over them, as RFC 9112 wants",
    ),
    ("\r\n\r\n\nGET", "the same"),
    (
        "\r\n\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "the same",
    ),
    (
        "X: a\r\n b\r\n",
        "a folded line: Go joins it, we refuse; RFC 9112 allows both",
    ),
    (
        "GET / HTTP/1.2\r\n",
        "a version to come: hyper knows 1.0 and 1.1",
    ),
    (
        "CONNECT / HTTP/1.1\r\n",
        "the answer to a CONNECT that succeeds has no body here",
    ),
    ("CONNECT http://x/ ", "the same"),
    ("CONNECT x:80/ ", "an authority with a path"),
    (
        "Content-Length: 9\r\n\r\nhello",
        "the end within a body: both close, and we say so",
    ),
    (
        "Connection: keep-alive, close",
        "both: Go keeps the connection of HTTP/1.0, we do not",
    ),
    ("GET http:// ", "a URL without a host: not one of HTTP's"),
    ("GET http:/x ", "the same"),
    ("GET http:x ", "the same"),
    ("GET mailto:x ", "the same"),
    ("GET a:/b ", "the same"),
    (
        "GET http://x ",
        "no path is the path `/` here; Go redirects to that",
    ),
    ("GET http://x?a ", "the same"),
    ("GET http://x<y/ ", "no character of a URL"),
    ("GET /<x> ", "the same"),
    ("GET /` ", "the same"),
    ("GET /?a\"b ", "the same"),
    (
        "/aaaaaaaaaa",
        "414: `Uri` holds 65,534 bytes; Go's limit is that of the whole head",
    ),
];

/// Ends within a head: Go answers 400, we end too.
const HALVES: &[&str] = &[
    "\r\n",
    "GET / HTTP/1.1\r\nHo",
    "GET / HTTP/1.1\r\nHost: x\r\n\r",
];

fn why(request: &str) -> Option<&'static str> {
    if HALVES.contains(&request) {
        return Some("half a head");
    }
    // Before the first request it is the same as between two.
    let request = format!("\r\n\r\n{request}");
    let known = KNOWN.iter().find(|(part, _)| request.contains(part));
    known.map(|(_, why)| *why)
}

/// Prints every difference, and knows of none that is not told in `KNOWN`.
#[test]
fn beside_go() {
    let Some(go) = go_server() else {
        eprintln!("beside_go: skipped, there is no Go here (benches/install-go.sh)");
        return;
    };
    let ours = our_server();
    let malformed = REQUESTS.iter().map(|(_, request)| *request);
    let all = malformed.chain(MORE.iter().copied()).map(str::to_owned);
    let mut unknown = 0;
    for request in all.chain(odd::requests()) {
        let (want, got) = (
            answers(go.addr, request.as_bytes()),
            answers(ours.addr, request.as_bytes()),
        );
        if want == got {
            continue;
        }
        let told = why(&request);
        unknown += usize::from(told.is_none());
        let begin: String = request.chars().take(300).collect();
        let told = told.unwrap_or("NOT KNOWN");
        println!("{begin:?}\n    Go:   {want:?}\n    ours: {got:?}\n    {told}");
    }
    assert_eq!(unknown, 0, "differences that are not told");
}
