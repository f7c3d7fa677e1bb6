//! Go's `net/http/serve_test.go`, `clientserver_test.go`, `transport_test.go`: the behaviours, not the programs.
//! README.md has them by subject.
//!
//! | here | which |
//! | --- | --- |
//! | `framing` | lengths, codings, statuses without a body, 1xx, bodies that fail |
//! | `beside_go`, `odd` | the same bytes to Go's server and to ours, where there is a Go |
//! | `refused`, `malformed` | malformed requests, limits of heads, half-sent heads at the end, slow readers, own listeners |
//! | `server` | keep-alive, pipelining, time-outs, panics, contexts, bodies, shutdown |
//! | `sizes` | small and large answers on one connection |
//! | `handlers` | `TimeoutHandler`, `FileServer`, `MaxBytesReader`, `ParseForm`, and what Go leaves to others |
//! | `client`, `transport` | redirects, retries, early answers, `Expect`, limits, kept connections |
//! | `ends` | time-outs and contexts, whatever a request waits for |
//! | `trailers`, `cookies` | fields after a body; cookies and the client's jar |
//! | `packed`, `proxies` | answers that come compressed; proxies |
//! | `upgrades` | `Hijacker`, TLS |
//! | `http2_links`, `dead_links` | which connection of HTTP/2 a request goes by; such that are reset, or fall silent |
//! | `http2` | by ALPN and without TLS: many streams, large bodies, ends of one stream and of all |
//!
//! Left out: HTTP/3 (not there), pushes, `httptrace` and `RoundTripper`s (hyper takes their place),
//! `ResponseWriter`'s sniffing of content types, `Flusher` and
//! `ResponseController` (an answer is a value here, sent piece by piece).

mod beside_go;
mod client;
mod cookies;
mod dead_links;
mod ends;
mod framing;
mod handlers;
mod http2;
mod http2_links;
mod http2_raw;
mod malformed;
mod multipart;
mod odd;
mod packed;
mod proxies;
mod refused;
mod server;
mod sizes;
mod trailers;
mod transport;
mod upgrades;

use goroutines::http::{Client, Handler, Server};
use goroutines::net::TcpStream;
use goroutines::{context, spawn};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::in_time;

/// A server that runs until dropped.
struct Running {
    server: Server,
    addr: SocketAddr,
}

impl Running {
    fn start(handler: impl Handler) -> Running {
        Self::with(Server::new("127.0.0.1:0", handler))
    }

    fn with(server: Server) -> Running {
        let addr = server.local_addr().unwrap();
        let serving = server.clone();
        goroutines::go!(move || serving.serve().unwrap());
        Running { server, addr }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.addr).unwrap();
        stream.set_read_timeout(Some(tests::patience(60))).unwrap();
        stream
    }

    /// Sends `request` and reads until the server closes.
    fn raw(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.server.close().unwrap();
    }
}

/// A server with TLS that offers these protocols (none: those that it speaks), and a client that trusts it.
fn secure(
    handler: impl Handler,
    change: impl FnOnce(Server) -> Server,
    protocols: &[&str],
) -> (Running, Client, String) {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_string()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key.into())
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|p| p.as_bytes().to_vec()).collect();
    let running = Running::with(change(Server::new("localhost:0", handler).tls(config)));
    let pem = cert.pem();
    let client = Client::builder()
        .root_certificates(pem.as_bytes())
        .unwrap()
        .build();
    let url = format!("https://localhost:{}", running.addr.port());
    (running, client, url)
}

/// Reads one answer with a content-length; gives head and body.
fn read_answer(stream: &mut TcpStream) -> (String, String) {
    try_answer(stream).unwrap()
}

/// Like [`read_answer`]; fails if the connection ends before.
fn try_answer(stream: &mut TcpStream) -> std::io::Result<(String, String)> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let len = head
        .lines()
        .find_map(|l| l.strip_prefix("content-length: "))
        .map_or(0, |n| n.parse().unwrap());
    let mut body = vec![0; len];
    stream.read_exact(&mut body)?;
    Ok((head, String::from_utf8(body).unwrap()))
}
