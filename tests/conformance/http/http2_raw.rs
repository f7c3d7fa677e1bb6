//! What a server does with clients of HTTP/2 that are slow, silent or malicious: these write their frames
//! themselves.

use super::*;
use goroutines::chan::channel;
use goroutines::http::{Body, Mux, Request, Response};
use std::io::ErrorKind;

/// A client that sends and reads frames.
struct Peer(TcpStream);

/// Kinds of frames.
mod kind {
    pub(super) const DATA: u8 = 0;
    pub(super) const HEADERS: u8 = 1;
    pub(super) const RST_STREAM: u8 = 3;
    pub(super) const SETTINGS: u8 = 4;
    pub(super) const PING: u8 = 6;
    pub(super) const GO_AWAY: u8 = 7;
    pub(super) const WINDOW_UPDATE: u8 = 8;
}

const REFUSED_STREAM: u32 = 7;
const CANCEL: u32 = 8;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

impl Peer {
    /// Has said that it speaks HTTP/2, and that each stream may send `window` bytes.
    fn connect(running: &Running, window: u32) -> Peer {
        Peer::try_connect(running, window).unwrap()
    }

    /// Like [`Peer::connect`]; the server may have ended the connection already.
    fn try_connect(running: &Running, window: u32) -> std::io::Result<Peer> {
        let mut peer = Peer(running.connect());
        peer.0.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")?;
        const INITIAL_WINDOW_SIZE: u8 = 4;
        let mut setting = vec![0, INITIAL_WINDOW_SIZE];
        setting.extend(window.to_be_bytes());
        peer.send(kind::SETTINGS, 0, 0, &setting)?;
        Ok(peer)
    }

    fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> std::io::Result<()> {
        self.0.write_all(&frame(kind, flags, stream, payload))
    }

    /// Asks.
    fn ask(&mut self, stream: u32, head: &[u8]) {
        self.try_ask(stream, head).unwrap();
    }

    fn try_ask(&mut self, stream: u32, head: &[u8]) -> std::io::Result<()> {
        self.send(kind::HEADERS, END_STREAM | END_HEADERS, stream, head)
    }

    fn reset(&mut self, stream: u32) {
        self.send(kind::RST_STREAM, 0, stream, &CANCEL.to_be_bytes())
            .unwrap();
    }

    /// Reads to the end of the connection; has the client been told of it?
    fn is_told_of_the_end(&mut self) -> bool {
        let mut told = false;
        loop {
            match self.frame() {
                Ok((kind, ..)) => told |= kind == kind::GO_AWAY,
                Err(e) => {
                    assert_ne!(e.kind(), ErrorKind::TimedOut);
                    return told;
                }
            }
        }
    }

    /// The next frame: what kind, of which stream, and its payload.
    fn frame(&mut self) -> std::io::Result<(u8, u32, Vec<u8>)> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head)?;
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        self.0.read_exact(&mut payload)?;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        Ok((head[3], stream, payload))
    }

    /// The first byte of an answer's head, which stands for its status if that is a usual one.
    /// The connection must not have been ended before.
    fn answer(&mut self, stream: u32) -> u8 {
        self.try_answer(stream).expect("an answer")
    }

    /// Like [`Peer::answer`]; `None` if the connection has ended.
    fn try_answer(&mut self, stream: u32) -> Option<u8> {
        loop {
            let (kind, of, payload) = self.frame().ok()?;
            if kind == kind::GO_AWAY {
                return None;
            }
            if kind == kind::HEADERS && of == stream {
                return Some(payload[0]);
            }
        }
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

/// The fields of a GET, as HPACK has them: pairs, or names, that are known by their index.
fn head(path: &str) -> Vec<u8> {
    const GET: u8 = 0x82;
    const HTTP: u8 = 0x86;
    const PATH: u8 = 0x04;
    let mut head = vec![GET, HTTP, PATH];
    head.extend(text(path));
    head.extend(authority());
    head
}

fn authority() -> Vec<u8> {
    const AUTHORITY: u8 = 0x01;
    let mut field = vec![AUTHORITY];
    field.extend(text("example.org"));
    field
}

fn field(name: &str, value: &str) -> Vec<u8> {
    let mut field = vec![0];
    field.extend(text(name));
    field.extend(text(value));
    field
}

/// How HPACK says that the status is 200.
const OK: u8 = 0x88;

fn plain(handler: impl Handler, change: impl FnOnce(Server) -> Server) -> Running {
    Running::with(change(
        Server::new("127.0.0.1:0", handler).unencrypted_http2(),
    ))
}

/// Ends in order, and says whether everything ended in time.
fn ends(running: &Running) -> bool {
    let limit = tests::patience(60);
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
    let asks_on = || -> std::io::Result<()> {
        let mut peer = Peer::try_connect(&running, MOST)?;
        let more = (MOST - 65_535).to_be_bytes();
        peer.send(kind::WINDOW_UPDATE, 0, 0, &more)?;
        peer.try_ask(1, &head("/"))?;
        loop {
            peer.send(kind::PING, 0, 0, &[0; 8])?;
        }
    };
    let e = asks_on().unwrap_err();
    assert!(matches!(
        e.kind(),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
    ));
    assert!(ends(&running));
}

/// A handler sees one cookie field, however the client has cut it (as Go's; RFC 9113, 8.2.3).
#[test]
fn http2_joins_cookies() {
    let (seen, cookies) = channel(1);
    let handler = move |r: &Request| {
        let all = r.headers().get_all("cookie").iter();
        let all: Vec<_> = all.map(|v| v.to_str().unwrap().to_owned()).collect();
        seen.send(all);
    };
    let running = plain(handler, |s| s);
    let mut peer = Peer::connect(&running, 1 << 16);
    let fields = [
        head("/"),
        field("cookie", "a=1"),
        field("cookie", "b=2; c=3"),
    ];
    peer.ask(1, &fields.concat());
    assert_eq!(cookies.recv().unwrap(), ["a=1; b=2; c=3"]);
}

/// Requests that a client gives up count as long as the readers that their handlers have returned still
/// run: else each would leave a goroutine.
#[test]
fn http2_given_up_readers_count() {
    struct Waits(goroutines::chan::Sender<()>, goroutines::chan::Receiver<()>);
    impl Read for Waits {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            self.0.send(());
            self.1.recv();
            Ok(0)
        }
    }
    let (begun, begins) = channel(0);
    let (go_on, going) = channel::<()>(0);
    let handler =
        move |_: &Request| Response::new(Body::reader(Waits(begun.clone(), going.clone())));
    let running = plain(handler, |s| s.max_concurrent_streams(1));
    let mut peer = Peer::connect(&running, 1 << 16);
    for stream in [1, 3] {
        peer.ask(stream, &head("/"));
        begins.recv();
        assert_eq!(peer.answer(stream), OK);
        peer.reset(stream);
    }
    peer.ask(5, &head("/"));
    loop {
        let (kind, stream, payload) = peer.frame().unwrap();
        if stream == 5 {
            assert_eq!(kind, kind::RST_STREAM);
            assert_eq!(payload, REFUSED_STREAM.to_be_bytes());
            break;
        }
    }
    drop(go_on);
}

/// A reader's end that panics breaks its answer off, and ends neither the connection nor the process: at the
/// end of the body, and when nobody wants any more of it.
#[test]
fn http2_reader_panics_at_its_end() {
    struct Boom(usize);
    impl Read for Boom {
        fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
            Ok(self.0.min(buf.len()))
        }
    }
    impl Drop for Boom {
        fn drop(&mut self) {
            panic!("wanted by this test");
        }
    }
    let (logged, log) = channel(8);
    let mut mux = Mux::new();
    mux.handle_func("/boom", |_| Response::new(Body::reader(Boom(0))));
    mux.handle_func("/endless", |_| Response::new(Body::reader(Boom(1000))));
    mux.handle_func("/", |_| "fine");
    let running = plain(mux, |s| {
        s.error_log(move |line| logged.send(line.to_owned()))
    });
    let mut peer = Peer::connect(&running, 1 << 16);
    peer.ask(1, &head("/boom"));
    let line = log.recv().unwrap();
    assert!(
        line.contains("GET /boom: panic: wanted by this test"),
        "{line}"
    );
    while !matches!(peer.frame().unwrap(), (kind::RST_STREAM, 1, _)) {}
    peer.ask(3, &head("/endless"));
    assert_eq!(peer.answer(3), OK);
    peer.reset(3);
    let line = log.recv().unwrap();
    assert!(line.contains("GET /endless: panic: wanted"), "{line}");
    peer.ask(5, &head("/"));
    assert_eq!(peer.answer(5), OK);
}

/// What the server or its `Mux` refuses ends its request, not those beside it.
#[test]
fn http2_refusals_leave_the_connection() {
    let running = plain(Mux::new(), |s| s);
    let mut peer = Peer::connect(&running, 1 << 16);
    let refused = [
        head("*"),
        [head("/"), field("expect", "the worst")].concat(),
        head("/"),
    ];
    for (stream, head) in (1..).step_by(2).zip(refused) {
        peer.ask(stream, &head);
        assert_ne!(peer.answer(stream), OK);
    }
}

/// Nobody could have the tunnel, so none is promised.
#[test]
fn http2_has_no_tunnels() {
    let (logged, log) = channel(1);
    let running = plain(
        |_: &Request| (),
        |s| s.error_log(move |line| logged.send(line.to_owned())),
    );
    let mut peer = Peer::connect(&running, 1 << 16);
    const METHOD: u8 = 0x02;
    peer.ask(1, &[vec![METHOD], text("CONNECT"), authority()].concat());
    assert_ne!(peer.answer(1), OK);
    assert!(log.recv().unwrap().contains("no tunnels"));
}

/// A client that stops within its first bytes has the time of a head, and not that of an idle connection;
/// the server's end does not wait for it.
#[test]
fn http2_beginning_that_stops() {
    let never = Duration::ZERO;
    in_time(Duration::from_millis(30), |limit| {
        let running = plain(
            |_: &Request| (),
            |s| s.read_header_timeout(limit).idle_timeout(never),
        );
        let begin = Instant::now();
        let mut stream = running.connect();
        stream.write_all(b"PR").ok()?;
        let in_time = begin.elapsed() < limit;
        // Without a reset, which would be an error: what has come was read.
        let end = stream.read(&mut [0]);
        in_time.then(|| assert_eq!(end.unwrap(), 0))
    });
    let running = plain(
        |_: &Request| (),
        |s| s.read_header_timeout(never).idle_timeout(never),
    );
    let mut stream = running.connect();
    stream.write_all(b"PR").unwrap();
    // The later connection is served, so the one before was accepted.
    running.raw("GET / HTTP/1.0\r\n\r\n");
    assert!(ends(&running));
    let end = stream.read(&mut [0]);
    assert!(!matches!(end, Err(e) if e.kind() == ErrorKind::TimedOut));
}

/// Pings do not make a connection one that is used (as Go's).
#[test]
fn http2_idle_whatever_moves() {
    let running = plain(
        |_: &Request| (),
        |s| s.idle_timeout(Duration::from_millis(400)),
    );
    let mut peer = Peer::connect(&running, 1 << 16);
    let too_long = Instant::now() + tests::patience(60);
    loop {
        // It fails if the server has gone; what that said before is there.
        let _ = peer.send(kind::PING, 0, 0, &[0; 8]);
        if peer.frame().unwrap().0 == kind::GO_AWAY {
            break;
        }
        assert!(Instant::now() < too_long);
    }
}

/// A head that does not come to its end has its time, as by HTTP/1.1; what has come before goes on until then.
#[test]
fn http2_head_that_stops() {
    // The rest of the frame, and the next one.
    for (len, flags) in [(5, END_HEADERS), (0, 0)] {
        // The first head has no more time.
        in_time(Duration::from_millis(40), |quick| {
            let running = plain(
                |_: &Request| (),
                |s| s.read_header_timeout(quick).idle_timeout(Duration::ZERO),
            );
            let mut peer = Peer::try_connect(&running, 1 << 16).ok()?;
            peer.try_ask(1, &head("/")).ok()?;
            assert_eq!(peer.try_answer(1)?, OK);
            let head = frame(kind::HEADERS, END_STREAM | flags, 3, &head("/"));
            peer.0.write_all(&head[..head.len() - len]).ok()?;
            peer.is_told_of_the_end();
            Some(())
        });
    }
}

/// A client that leaves the end of an answer, of which the server has nothing left but that, is sent away.
#[test]
fn http2_answers_that_are_left() {
    in_time(Duration::from_millis(40), |quick| {
        let running = plain(
            |_: &Request| "more than a byte",
            |s| s.write_timeout(quick).idle_timeout(Duration::ZERO),
        );
        let mut peer = Peer::try_connect(&running, 1).ok()?;
        peer.try_ask(1, &head("/")).ok()?;
        assert_eq!(peer.try_answer(1)?, OK);
        assert!(peer.is_told_of_the_end());
        Some(())
    });
}

/// The server's end waits for the end of each answer, also for what hyper has taken and the client does not
/// ask for yet, longer than for a client that has all and does not close.
#[test]
fn http2_shutdown_sends_all() {
    let running = plain(|_: &Request| "more than a byte", |s| s);
    let mut peer = Peer::connect(&running, 1);
    peer.ask(1, &head("/"));
    assert_eq!(peer.answer(1), OK);
    assert_eq!(peer.frame().unwrap().0, kind::DATA);
    let server = running.server.clone();
    let ending = spawn(move || server.shutdown(&context::background()));
    while peer.frame().unwrap().0 != kind::GO_AWAY {}
    // Not to wait for anything: the client pauses.
    goroutines::time::sleep(Duration::from_millis(6500));
    peer.send(kind::WINDOW_UPDATE, 0, 1, &100_u32.to_be_bytes())
        .unwrap();
    let rest = loop {
        let (kind, _, payload) = peer.frame().unwrap();
        if kind == kind::DATA {
            break payload;
        }
    };
    assert_eq!(rest, b"ore than a byte");
    drop(peer);
    ending.join().unwrap().unwrap();
}
