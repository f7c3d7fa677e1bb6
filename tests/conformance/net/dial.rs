//! Go's `net/dial_test.go`.

use super::*;
use goroutines::context;
use goroutines::net::{self, Conn as Dialed, UdpSocket, UnixDatagram, UnixListener};

/// A listener whose backlog is full: a connect to it hangs.
fn full_listener() -> (std::net::TcpListener, Vec<std::net::TcpStream>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    socket2::SockRef::from(&listener).listen(0).unwrap();
    let addr = listener.local_addr().unwrap();
    let wait = Duration::from_millis(200);
    let mut held = Vec::new();
    while let Ok(c) = std::net::TcpStream::connect_timeout(&addr, wait) {
        held.push(c);
    }
    (listener, held)
}

/// A name, an address, this machine by default; both ends agree on their addresses.
#[test]
fn dial_local() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    for host in ["localhost", "127.0.0.1", ""] {
        let conn = net::dial("tcp", format!("{host}:{}", addr.port())).unwrap();
        let (_, from) = listener.accept().unwrap();
        assert_eq!(conn.local_addr().unwrap().socket_addr(), Some(from));
        assert_eq!(conn.peer_addr().unwrap().to_string(), addr.to_string());
    }
}

/// All networks.
#[test]
fn dial_networks() {
    let dir = std::env::temp_dir();
    let path = |name: &str| {
        let path = dir.join(format!(
            "net-dial-{name}-{}-{:?}.sock",
            std::process::id(),
            std::thread::current().id()
        ));
        let _ = std::fs::remove_file(&path);
        path.to_str().unwrap().to_string()
    };
    let mut buf = [0; 8];

    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut conn = net::dial("udp", udp.local_addr().unwrap()).unwrap();
    conn.write_all(b"udp").unwrap();
    assert_eq!(udp.recv(&mut buf).unwrap(), 3);

    let unix = path("stream");
    let listener = UnixListener::bind(&unix).unwrap();
    let mut conn = net::dial("unix", &unix).unwrap();
    conn.write_all(b"unix").unwrap();
    assert_eq!(listener.accept().unwrap().0.read(&mut buf).unwrap(), 4);
    assert_eq!(conn.peer_addr().unwrap().to_string(), unix);
    assert_eq!(conn.peer_addr().unwrap().network(), "unix");

    let gram = path("gram");
    let socket = UnixDatagram::bind(&gram).unwrap();
    let mut conn = net::dial("unixgram", &gram).unwrap();
    conn.write_all(b"gram").unwrap();
    assert_eq!(socket.recv(&mut buf).unwrap(), 4);
    std::fs::remove_file(&gram).unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    assert!(matches!(net::dial("tcp4", addr).unwrap(), Dialed::Tcp(_)));
    let e = net::dial("tcp6", addr).unwrap_err();
    assert!(e.to_string().contains("no suitable address"), "{e}");
}

/// What is wrong is told.
#[test]
fn dial_error() {
    let text = |network, addr: &str| net::dial(network, addr).unwrap_err().to_string();
    assert_eq!(text("osi", "x:1"), "unknown network osi");
    assert_eq!(
        text("tcp", "127.0.0.1"),
        "address 127.0.0.1: missing port in address"
    );
    let unused = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let e = net::dial("tcp", unused).unwrap_err();
    assert_eq!(e.kind(), io::ErrorKind::ConnectionRefused);
}

/// A dial to somebody who does not answer ends by its timeout.
#[test]
fn dial_timeout() {
    let (listener, _held) = full_listener();
    let addr = listener.local_addr().unwrap();
    let begin = Instant::now();
    let d = Duration::from_millis(50);
    fails(net::dial_timeout("tcp", addr, d), NetError::Timeout);
    assert!(begin.elapsed() >= d);
    fails(TcpStream::connect_timeout(&addr, d), NetError::Timeout);
}

/// A context that is cancelled ends a dial under way; a deadline that passes likewise.
#[test]
fn dial_cancel() {
    let (listener, _held) = full_listener();
    let addr = listener.local_addr().unwrap();
    let (ctx, cancel) = context::with_cancel(&context::background());
    let dialing = spawn(move || net::dial_context(&ctx, "tcp", addr));
    let_it_block();
    cancel();
    fails(dialing.join().unwrap(), NetError::Canceled);

    let (ctx, _cancel) = context::with_timeout(&context::background(), Duration::from_millis(30));
    fails(net::dial_context(&ctx, "tcp", addr), NetError::Timeout);
    fails(net::dial_context(&ctx, "tcp", addr), NetError::Timeout);
}

/// A connection outlives the context that it was dialed with, also one that ends just then.
#[test]
fn a_connection_outlives_its_context() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    for i in 0..50 {
        let (ctx, cancel) = context::with_cancel(&context::background());
        let canceling = (i % 2 == 1).then(|| {
            let cancel = cancel.clone();
            spawn(move || {
                cancel();
            })
        });
        if let Ok(mut conn) = net::dial_context(&ctx, "tcp", addr) {
            // Those that were cancelled just when they were connected are passed over.
            let own = conn.local_addr().unwrap().socket_addr().unwrap();
            let mut peer = loop {
                match listener.accept().unwrap() {
                    (peer, from) if from == own => break peer,
                    _ => {}
                }
            };
            cancel();
            conn.write_all(b"x").unwrap();
            peer.read_exact(&mut [0]).unwrap();
        }
        if let Some(c) = canceling {
            c.join().unwrap();
        }
    }
}

on_goroutines_too! {
    dial_local
    dial_networks
    dial_error
    dial_timeout
    dial_cancel
    a_connection_outlives_its_context
}
