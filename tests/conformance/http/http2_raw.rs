//! What a server does with clients of HTTP/2 that are slow, silent or malicious: these write their frames
//! themselves.

use super::*;
use goroutines::http::{Body, Request, Response};
use std::io::ErrorKind;

/// A client that sends and reads frames.
struct Peer(TcpStream);

/// Kinds of frames.
mod kind {
    pub(super) const HEADERS: u8 = 1;
    pub(super) const SETTINGS: u8 = 4;
    pub(super) const PING: u8 = 6;
    pub(super) const WINDOW_UPDATE: u8 = 8;
}

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

impl Peer {
    /// Has said that it speaks HTTP/2, and that each stream may send `window` bytes.
    fn connect(running: &Running, window: u32) -> Peer {
        let mut peer = Peer(running.connect());
        peer.0
            .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            .unwrap();
        const INITIAL_WINDOW_SIZE: u8 = 4;
        let mut setting = vec![0, INITIAL_WINDOW_SIZE];
        setting.extend(window.to_be_bytes());
        peer.send(kind::SETTINGS, 0, 0, &setting).unwrap();
        peer
    }

    fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> std::io::Result<()> {
        self.0.write_all(&frame(kind, flags, stream, payload))
    }

    /// Asks for `path`.
    fn get(&mut self, stream: u32, path: &str) {
        let head = head(path);
        self.send(kind::HEADERS, END_STREAM | END_HEADERS, stream, &head)
            .unwrap();
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A text without Huffman's code, as HPACK has it.
fn text(text: &str) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(text.len()).unwrap()];
    assert!(text.len() < 127);
    bytes.extend(text.bytes());
    bytes
}

/// The fields of a GET, as HPACK has them: indexed ones, then names that are indexed with their values.
fn head(path: &str) -> Vec<u8> {
    const GET: u8 = 0x82;
    const HTTP: u8 = 0x86;
    const PATH: u8 = 0x04;
    const AUTHORITY: u8 = 0x01;
    let mut head = vec![GET, HTTP, PATH];
    head.extend(text(path));
    head.push(AUTHORITY);
    head.extend(text("example.org"));
    head
}

fn plain(handler: impl Handler, change: impl FnOnce(Server) -> Server) -> Running {
    Running::with(change(
        Server::new("127.0.0.1:0", handler).unencrypted_http2(),
    ))
}

/// Ends in order, and says whether everything ended in time.
fn ends(running: &Running) -> bool {
    let limit = Duration::from_secs(20);
    let (ctx, _cancel) = context::with_timeout(&context::background(), limit);
    running.server.shutdown(&ctx).is_ok()
}

/// A client that takes nothing loses its connection after the server's time for writing, even while the
/// server owes it answers to its pings.
#[test]
fn http2_client_that_does_not_read() {
    let handler = |_: &Request| Response::new(Body::reader(std::io::repeat(7)));
    let running = plain(handler, |s| s.write_timeout(Duration::from_millis(50)));
    const MOST: u32 = (1 << 31) - 1;
    let mut peer = Peer::connect(&running, MOST);
    let more = (MOST - 65_535).to_be_bytes();
    peer.send(kind::WINDOW_UPDATE, 0, 0, &more).unwrap();
    peer.get(1, "/");
    let e = loop {
        if let Err(e) = peer.send(kind::PING, 0, 0, &[0; 8]) {
            break e;
        }
    };
    assert!(matches!(
        e.kind(),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
    ));
    assert!(ends(&running));
}
