//! Go's `net/listen_test.go`, `tcpsock_test.go` and the listener's part of `net_test.go`.

use super::*;
use goroutines::net::{self, Shutdown, UnixListener};

/// A closed listener's port can be bound again at once, although `accept` was blocked in it.
#[test]
fn closing_listener() {
    let listener = Arc::new(TcpListener::bind("127.0.0.1:0").unwrap());
    let addr = listener.local_addr().unwrap();
    let accepting = spawn({
        let listener = listener.clone();
        move || fails(listener.accept(), NetError::Closed)
    });
    let_it_block();
    listener.close().unwrap();
    let again = TcpListener::bind(addr).unwrap();
    assert_eq!(again.local_addr().unwrap(), addr);
    accepting.join().unwrap();
    fails(listener.accept(), NetError::Closed);
    fails(listener.local_addr(), NetError::Closed);
}

/// Several goroutines accept on one listener: each connection comes to exactly one.
#[test]
fn tcp_concurrent_accept() {
    const CLIENTS: usize = 100;
    let listener = Arc::new(TcpListener::bind("127.0.0.1:0").unwrap());
    let addr = listener.local_addr().unwrap();
    let acceptors: Vec<_> = (0..10)
        .map(|_| {
            let listener = listener.clone();
            spawn(move || {
                let mut seen = Vec::new();
                while let Ok((mut conn, _)) = listener.accept() {
                    let mut id = [0; 8];
                    conn.read_exact(&mut id).unwrap();
                    seen.push(u64::from_le_bytes(id));
                }
                seen
            })
        })
        .collect();
    let clients: Vec<_> = (0..CLIENTS as u64)
        .map(|id| {
            spawn(move || {
                let mut conn = TcpStream::connect(addr).unwrap();
                conn.write_all(&id.to_le_bytes()).unwrap();
                assert_eq!(conn.read(&mut [0]).unwrap(), 0);
            })
        })
        .collect();
    for c in clients {
        c.join().unwrap();
    }
    listener.close().unwrap();
    let mut seen: Vec<u64> = acceptors
        .into_iter()
        .flat_map(|a| a.join().unwrap())
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..CLIENTS as u64).collect::<Vec<_>>());
}

/// Many short connections with a request and an answer each.
#[test]
fn tcp_stress() {
    const CONNS: usize = 20;
    const MESSAGES: usize = 200;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let server = spawn(move || {
        let handlers: Vec<_> = (0..CONNS)
            .map(|_| {
                let (mut conn, _) = listener.accept().unwrap();
                spawn(move || {
                    let mut buf = [0; 512];
                    for _ in 0..MESSAGES {
                        conn.read_exact(&mut buf).unwrap();
                        conn.write_all(&buf).unwrap();
                    }
                })
            })
            .collect();
        for h in handlers {
            h.join().unwrap();
        }
    });
    let clients: Vec<_> = (0..CONNS)
        .map(|id| {
            spawn(move || {
                let mut conn = TcpStream::connect(addr).unwrap();
                let sent = [id as u8; 512];
                let mut got = [0; 512];
                for _ in 0..MESSAGES {
                    conn.write_all(&sent).unwrap();
                    conn.read_exact(&mut got).unwrap();
                    assert_eq!(sent, got);
                }
            })
        })
        .collect();
    for c in clients {
        c.join().unwrap();
    }
    server.join().unwrap();
}

/// Half a close: the peer reads the end, and can still write.
#[test]
fn close_write() {
    let (mut a, mut b) = tcp_pair();
    a.shutdown(Shutdown::Write).unwrap();
    assert_eq!(b.read(&mut [0]).unwrap(), 0);
    b.write_all(b"still here").unwrap();
    drop(b);
    let mut text = String::new();
    a.read_to_string(&mut text).unwrap();
    assert_eq!(text, "still here");
    assert_eq!(a.write(b"x").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
}

/// Closing the read half ends a blocked read with the end of the stream.
#[test]
fn close_read() {
    let (a, _b) = tcp_pair();
    let a = Arc::new(a);
    let reader = spawn({
        let a = a.clone();
        move || Conn::read(&*a, &mut [0]).unwrap()
    });
    let_it_block();
    a.shutdown(Shutdown::Read).unwrap();
    assert_eq!(reader.join().unwrap(), 0);
}

/// A read that is blocked when the peer closes ends with the end of the stream.
#[test]
fn peers_close_unblocks_read() {
    for_each_kind(|(a, b)| {
        let reader = spawn(move || a.read(&mut [0; 16]).unwrap());
        let_it_block();
        b.close().unwrap();
        assert_eq!(reader.join().unwrap(), 0);
    });
}

/// A reset is an error, and only for that connection.
#[test]
fn reset_is_an_error() {
    let (a, b) = tcp_pair();
    a.set_linger(Some(Duration::ZERO)).unwrap();
    drop(a);
    let e = b.read(&mut [0]).unwrap_err();
    assert_eq!(e.kind(), io::ErrorKind::ConnectionReset);
}

/// Reading into nothing returns at once, with data there or not.
#[test]
fn zero_byte_read() {
    for_each_kind(|(a, b)| {
        assert_eq!(a.read(&mut []).unwrap(), 0);
        let writer = spawn(move || b.write(b"x").unwrap());
        assert_eq!(a.read(&mut []).unwrap(), 0);
        assert_eq!(a.read(&mut [0; 4]).unwrap(), 1);
        writer.join().unwrap();
    });
}

/// Waiting without a buffer: until data, until the end, until the deadline; also right after a
/// read that took everything.
#[test]
fn wait_readable() {
    let (a, mut b) = tcp_pair();
    b.write_all(b"one").unwrap();
    a.wait_readable().unwrap();
    a.wait_readable().unwrap();
    assert_eq!(a.read(&mut [0; 16]).unwrap(), 3);
    a.set_read_deadline(after_ms(10)).unwrap();
    fails(a.wait_readable(), NetError::Timeout);
    a.set_read_deadline(None).unwrap();
    let writer = spawn(move || {
        let_it_block();
        b.write_all(b"two").unwrap();
        b
    });
    a.wait_readable().unwrap();
    assert_eq!(a.read(&mut [0; 16]).unwrap(), 3);
    drop(writer.join().unwrap());
    a.wait_readable().unwrap();
    assert_eq!(a.read(&mut [0; 16]).unwrap(), 0);
}

/// A short read does not hide what comes with the end of the stream: data, then the end, sent
/// together or apart, in every mixture.
#[test]
fn the_end_is_seen_after_a_short_read() {
    for pause in [0, 1, 50] {
        for _ in 0..50 {
            let (a, mut b) = tcp_pair();
            let writer = spawn(move || {
                b.write_all(b"abc").unwrap();
                std::thread::sleep(Duration::from_micros(pause));
                b.shutdown(Shutdown::Write).unwrap();
                b
            });
            let mut got = Vec::new();
            let mut buf = [0; 64];
            loop {
                match a.read(&mut buf).unwrap() {
                    0 => break,
                    n => got.extend_from_slice(&buf[..n]),
                }
            }
            assert_eq!(got, b"abc");
            writer.join().unwrap();
        }
    }
}

/// The names of both ends, and the file that goes with its listener.
#[test]
fn unix_names_and_unlink() {
    let path = std::env::temp_dir().join(format!("net-names-{}.sock", std::process::id()));
    let listener = UnixListener::bind(&path).unwrap();
    let client = UnixStream::connect(&path).unwrap();
    let (server, _) = listener.accept().unwrap();
    assert_eq!(client.peer_addr().unwrap().as_pathname(), Some(&*path));
    assert_eq!(server.local_addr().unwrap().as_pathname(), Some(&*path));
    assert!(client.local_addr().unwrap().is_unnamed());
    listener.close().unwrap();
    assert!(!path.exists());
    assert!(UnixStream::connect(&path).is_err());

    let listener = UnixListener::bind(&path).unwrap();
    listener.set_unlink_on_close(false).unwrap();
    drop(listener);
    assert!(path.exists());
    std::fs::remove_file(&path).unwrap();
}

/// A connect that finds no room at the listener waits for it.
#[test]
fn unix_connect_waits_for_room() {
    let path = std::env::temp_dir().join(format!("net-room-{}.sock", std::process::id()));
    let listener = UnixListener::bind(&path).unwrap();
    // One waits beyond the number given.
    socket2::SockRef::from(&listener).listen(0).unwrap();
    let first = UnixStream::connect(&path).unwrap();
    let second = spawn({
        let path = path.clone();
        move || UnixStream::connect(path).map(drop)
    });
    let_it_block();
    let _ = (listener.accept().unwrap(), listener.accept().unwrap());
    second.join().unwrap().unwrap();
    drop(first);
}

/// Listening by network and address, and who can connect.
#[test]
fn listen_by_network() {
    for (network, addr, host) in [
        ("tcp", "127.0.0.1:0", "127.0.0.1"),
        ("tcp4", ":0", "127.0.0.1"),
        ("tcp", ":0", "localhost"),
        ("tcp", "localhost:0", "localhost"),
    ] {
        let listener = net::listen(network, addr).unwrap();
        let port = listener.local_addr().unwrap().socket_addr().unwrap().port();
        let dialing = spawn(move || net::dial("tcp", format!("{host}:{port}")).map(drop));
        listener.accept().unwrap();
        dialing.join().unwrap().unwrap();
        listener.close().unwrap();
        fails(listener.accept(), NetError::Closed);
    }
    let path = std::env::temp_dir().join(format!("net-listen-{}.sock", std::process::id()));
    let listener = net::listen("unix", path.display()).unwrap();
    let dialing = spawn({
        let path = path.display().to_string();
        move || net::dial("unix", path).map(drop)
    });
    listener.accept().unwrap();
    dialing.join().unwrap().unwrap();
    assert_eq!(listener.local_addr().unwrap().network(), "unix");
    drop(listener);
    assert!(!path.exists());
    let text = |network, addr: &str| net::listen(network, addr).unwrap_err().to_string();
    assert_eq!(text("udp", ":1"), "unknown network udp");
    assert_eq!(text("tcp", "x"), "address x: missing port in address");
}

on_goroutines_too! {
    closing_listener
    tcp_concurrent_accept
    tcp_stress
    close_write
    close_read
    peers_close_unblocks_read
    reset_is_an_error
    zero_byte_read
    wait_readable
    the_end_is_seen_after_a_short_read
    unix_names_and_unlink
    unix_connect_waits_for_room
}
