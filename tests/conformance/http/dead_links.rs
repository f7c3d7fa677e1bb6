//! Connections of HTTP/2 that are reset, or fall silent, by bare sockets.

use super::transport::{await_end, raw_server};
use super::*;
use std::io::ErrorKind;
use std::sync::atomic::{AtomicUsize, Ordering};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
const END: u8 = 1;
const END_HEADERS: u8 = 4;

/// The server's side of a connection.
struct Peer(std::net::TcpStream);

impl Peer {
    /// Reads the preface, and sends these settings.
    fn begin(mut stream: std::net::TcpStream, settings: &[u8]) -> Option<Peer> {
        stream.read_exact(&mut [0; 24]).ok()?;
        let mut peer = Peer(stream);
        peer.send(SETTINGS, 0, 0, settings).ok()?;
        Some(peer)
    }

    fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> std::io::Result<()> {
        let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
        frame.extend_from_slice(&[kind, flags]);
        frame.extend_from_slice(&stream.to_be_bytes());
        frame.extend_from_slice(payload);
        self.0.write_all(&frame)
    }

    /// The next frame: its kind, its flags and its stream.
    fn next(&mut self) -> Option<(u8, u8, u32)> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).ok()?;
        let len = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        self.0.read_exact(&mut vec![0; len as usize]).ok()?;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        Some((head[3], head[4], stream))
    }

    /// Answers 200 to the next request without a body, if there is one.
    fn answer(&mut self) -> Option<()> {
        /// `:status: 200`, from the table that both sides know.
        const OK: u8 = 0x88;
        loop {
            let (kind, flags, stream) = self.next()?;
            if [HEADERS, DATA].contains(&kind) && flags & END != 0 {
                return self.send(HEADERS, END | END_HEADERS, stream, &[OK]).ok();
            }
        }
    }

    fn reset(self) {
        let socket = socket2::SockRef::from(&self.0);
        socket.set_linger(Some(Duration::ZERO)).unwrap();
    }
}

/// It is not to hang if a test fails.
fn client() -> Client {
    let limit = Duration::from_secs(60);
    Client::builder().unencrypted_http2().timeout(limit).build()
}

/// A connection that is reset while it is being made is an error, at whatever it is then.
#[test]
fn reset_at_the_beginning() {
    let url = raw_server(|_, s| Peer(s).reset());
    let client = client();
    for _ in 0..200 {
        let e = client.get(&url).unwrap_err();
        assert_ne!(e.kind(), ErrorKind::TimedOut, "{e}");
    }
}

/// One that is reset while a body cannot be sent, and no answer to a PING either, is not used again.
#[test]
fn reset_while_nothing_can_be_sent() {
    let url = raw_server(|i, s| {
        if i > 0 {
            let mut peer = Peer::begin(s, &[]).unwrap();
            while peer.answer().is_some() {}
            return;
        }
        // The largest window for each stream, and for all.
        let mut peer = Peer::begin(s, &[0, 4, 0x7f, 0xff, 0xff, 0xff]).unwrap();
        peer.send(WINDOW_UPDATE, 0, 0, &[0x7f, 0, 0, 0]).unwrap();
        while peer.next().unwrap().0 != DATA {}
        // The client stops to read when it owes an answer to one that it cannot send.
        peer.0.set_nonblocking(true).unwrap();
        let ping = [&[0, 0, 8, PING][..], &[0; 5 + 8]].concat();
        let (mut sent, mut taken) = (0, Instant::now());
        while taken.elapsed() < Duration::from_millis(300) {
            match peer.0.write(&ping[sent..]) {
                Ok(n) => (sent, taken) = ((sent + n) % ping.len(), Instant::now()),
                Err(_) => std::thread::sleep(Duration::from_millis(1)),
            }
        }
        peer.reset();
    });
    let client = client();
    let e = client.post(&url, "x/y", vec![0; 64 << 20]).unwrap_err();
    assert_ne!(e.kind(), ErrorKind::TimedOut, "{e}");
    assert_eq!(client.get(&url).unwrap().status(), 200);
}

/// Nor is one on which nothing comes any more: after requests that have run out of time the next go
/// elsewhere.
#[test]
fn silent_connections_are_left() {
    let connections = Arc::new(AtomicUsize::new(0));
    let count = connections.clone();
    let url = raw_server(move |i, s| {
        count.fetch_add(1, Ordering::SeqCst);
        let mut peer = Peer::begin(s, &[]).unwrap();
        peer.answer().unwrap();
        if i == 0 {
            return await_end(&mut peer.0);
        }
        while peer.answer().is_some() {}
    });
    let client = client();
    assert_eq!(client.get(&url).unwrap().status(), 200);
    let ask = || {
        let request = client.request("GET", &url);
        request.timeout(Duration::from_millis(1500)).send()
    };
    let answer = (0..20).find_map(|_| ask().ok()).expect("an answer");
    assert_eq!(answer.status(), 200);
    assert!(connections.load(Ordering::SeqCst) > 1);
}

/// One that no request has gone by for a while is closed.
#[test]
fn idle_connections_end() {
    let (ended, ends) = std::sync::mpsc::channel();
    let ended = std::sync::Mutex::new(ended);
    let url = raw_server(move |_, s| {
        let mut peer = Peer::begin(s, &[]).unwrap();
        while peer.answer().is_some() {}
        ended.lock().unwrap().send(()).unwrap();
    });
    let client = Client::builder()
        .unencrypted_http2()
        .idle_timeout(Duration::from_millis(20))
        .build();
    assert_eq!(client.get(&url).unwrap().status(), 200);
    assert_eq!(ends.recv_timeout(tests::patience(20)), Ok(()));
}
