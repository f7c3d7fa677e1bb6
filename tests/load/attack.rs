//! Clients that mean no good, or have died.

use super::*;
use std::net::Shutdown;
use std::thread;

/// Hundreds of clients that send their requests drop by drop: the others are served meanwhile, and
/// the slow ones are cut off when their time is over.
#[test]
fn slow_loris() {
    let _alone = alone();
    let goroutines = runtime::num_goroutine();
    let limit = Duration::from_secs(1);
    let server = Server::new("127.0.0.1:0", hello).read_header_timeout(limit);
    let (server, addr) = start_http(server);
    let mut slow: Vec<_> = (0..300 * scale()).map(|_| foreign_client(addr)).collect();
    let begin = Instant::now();
    let (mut served, mut late) = (0, 0);
    let mut head = "GET / HTTP/1.1\r\nx-slow: "
        .bytes()
        .chain(std::iter::repeat(b'y'));
    while begin.elapsed() < limit * 3 || served < 20 {
        let drop = [head.next().unwrap()];
        for stream in &mut slow {
            // Cut off, sooner or later.
            let _ = stream.write(&drop);
        }
        let mut quick = foreign_client(addr);
        let _ = quick.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let mut answer = String::new();
        let _ = quick.read_to_string(&mut answer);
        if answer.ends_with("hello") {
            served += 1;
        } else {
            // Cut off as well: the machine stood still.
            late += 1;
            assert!(late < 20, "{served} served, {late} not: {answer}");
        }
        thread::sleep(Duration::from_millis(20));
    }
    for mut stream in slow {
        let _ = stream.set_nonblocking(true);
        // The end, or a reset because we have sent more.
        eventually(
            "it is cut off",
            || !matches!(stream.read(&mut [0]), Err(e) if e.kind() == io::ErrorKind::WouldBlock),
        );
    }
    server.close().unwrap();
    eventually("all goroutines end", || {
        runtime::num_goroutine() <= goroutines
    });
}

/// Peers that close half, reset, or vanish in the midst of a message: every connection ends, and
/// no descriptor or goroutine is left.
#[test]
fn half_closed_reset_and_vanished() {
    let _alone = alone();
    let goroutines = runtime::num_goroutine();
    let descriptors = process::descriptors();
    let server = EchoServer::start();
    let (http, http_addr) = start_http(Server::new("127.0.0.1:0", |r: &Request| r.bytes()));
    for i in 0..400 * scale() {
        let mut stream = foreign_client(if i % 2 == 0 { server.addr } else { http_addr });
        let part: &[u8] = if i % 2 == 0 {
            &[7; 1000]
        } else {
            b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nonly this"
        };
        stream.write_all(&part[..part.len() - i % 7]).unwrap();
        match i / 2 % 4 {
            0 => stream.shutdown(Shutdown::Write).unwrap(),
            1 => socket2::SockRef::from(&stream)
                .set_linger(Some(Duration::ZERO))
                .unwrap(),
            2 => {
                stream.shutdown(Shutdown::Write).unwrap();
                // To the end: whatever came back, nothing hangs.
                let _ = stream.read_to_end(&mut Vec::new());
            }
            _ => {}
        }
    }
    http.close().unwrap();
    server.stop(goroutines);
    eventually("the descriptors are closed", || {
        process::descriptors() <= descriptors + 4
    });
}

/// A peer that never reads: its writer waits and costs no CPU time, and the deadline ends it.
#[test]
fn a_peer_that_does_not_read() {
    let _alone = alone();
    let goroutines = runtime::num_goroutine();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let deaf: Vec<_> = (0..50)
        .map(|_| foreign_client(listener.local_addr().unwrap()))
        .collect();
    let writers: Vec<_> = deaf
        .iter()
        .map(|_| {
            let (mut stream, _) = listener.accept().unwrap();
            goroutines::spawn(move || {
                stream
                    .set_write_deadline(Instant::now() + Duration::from_secs(3))
                    .unwrap();
                stream.write_all(&vec![0; 64 << 20]).unwrap_err()
            })
        })
        .collect();
    process::comes_to_rest();
    for w in writers {
        assert_eq!(w.join().unwrap().kind(), io::ErrorKind::TimedOut);
    }
    drop(deaf);
    eventually("all goroutines end", || {
        runtime::num_goroutine() <= goroutines
    });
}
