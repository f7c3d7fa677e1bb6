//! What holds for every kind of connection: `golang.org/x/net/nettest`, `conntest.go`.

use super::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// A mebibyte there and back, in pieces of 1 KiB on one side.
#[test]
fn basic_io() {
    for_each_kind(|(a, b)| {
        let want: Vec<u8> = (0..1 << 20).map(|i: u32| (i * 7 + i / 251) as u8).collect();
        let echo = spawn(move || {
            let mut buf = [0; 1024];
            let mut left = 1 << 20;
            while left > 0 {
                let n = b.read(&mut buf).unwrap();
                assert!(n > 0);
                write_all(&*b, &buf[..n]).unwrap();
                left -= n;
            }
            b.close().unwrap();
        });
        let writer = spawn({
            let (a, want) = (a.clone(), want.clone());
            move || write_all(&*a, &want).unwrap()
        });
        let mut got = vec![0; want.len()];
        read_exact(&*a, &mut got).unwrap();
        assert!(got == want);
        assert_eq!(a.read(&mut [0]).unwrap(), 0, "the end of the stream");
        writer.join().unwrap();
        echo.join().unwrap();
        a.close().unwrap();
    });
}

/// Both ends send a counter back and forth.
#[test]
fn ping_pong() {
    const ROUNDS: u64 = 2000;
    for_each_kind(|(a, b)| {
        let player = |c: Arc<dyn Conn>, first: u64| {
            move || {
                let mut buf = [0; 8];
                let mut at = first;
                while at < ROUNDS {
                    if at > 0 {
                        read_exact(&*c, &mut buf).unwrap();
                        assert_eq!(u64::from_le_bytes(buf), at - 1);
                    }
                    // The last number is not read by anybody.
                    if at + 1 < ROUNDS {
                        c.write(&at.to_le_bytes()).unwrap();
                    }
                    at += 2;
                }
            }
        };
        let (x, y) = (spawn(player(a, 0)), spawn(player(b, 1)));
        x.join().unwrap();
        y.join().unwrap();
    });
}

/// Readers with short deadlines race each other and a writer: no call hangs, and every failure is
/// a timeout.
#[test]
fn racy_read() {
    for_each_kind(|(a, b)| {
        let stop = Arc::new(AtomicBool::new(false));
        let writer = spawn({
            let stop = stop.clone();
            move || {
                while !stop.load(Ordering::Relaxed) {
                    b.set_write_deadline(after_ms(1)).unwrap();
                    if let Err(e) = b.write(&[1; 256]) {
                        assert_eq!(NetError::of(&e), Some(NetError::Timeout));
                    }
                }
            }
        });
        let readers: Vec<_> = (0..10)
            .map(|_| {
                let a = a.clone();
                spawn(move || {
                    let mut buf = [0; 1024];
                    for _ in 0..10 {
                        a.set_read_deadline(after_ms(1)).unwrap();
                        if let Err(e) = a.read(&mut buf) {
                            assert_eq!(NetError::of(&e), Some(NetError::Timeout));
                        }
                    }
                })
            })
            .collect();
        for r in readers {
            r.join().unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        writer.join().unwrap();
    });
}

/// A read with a deadline and nothing to read ends by the deadline.
#[test]
fn read_timeout() {
    for_each_kind(|(a, _b)| {
        let begin = Instant::now();
        a.set_read_deadline(after_ms(20)).unwrap();
        fails(a.read(&mut [0]), NetError::Timeout);
        assert!(begin.elapsed() >= Duration::from_millis(20));
        let text = a.read(&mut [0]).unwrap_err().to_string();
        assert_eq!(text, "i/o timeout");
    });
}

/// A write to a peer that does not read ends by the deadline; a partial write counts as success.
#[test]
fn write_timeout() {
    for_each_kind(|(a, _b)| {
        a.set_write_deadline(after_ms(20)).unwrap();
        let chunk = vec![0; 1 << 20];
        let error = loop {
            if let Err(e) = a.write(&chunk) {
                break e;
            }
        };
        assert_eq!(NetError::of(&error), Some(NetError::Timeout));
    });
}

/// A deadline in the past fails every call, data or not, and clearing it brings all back.
#[test]
fn past_timeout() {
    for_each_kind(|(a, b)| {
        let writer = spawn({
            let a = a.clone();
            move || a.write(b"x").unwrap()
        });
        b.set_deadline(after_ms(-1000)).unwrap();
        for _ in 0..2 {
            fails(b.read(&mut [0]), NetError::Timeout);
            fails(b.write(b"y"), NetError::Timeout);
        }
        b.set_deadline(None).unwrap();
        let mut buf = [0];
        read_exact(&*b, &mut buf).unwrap();
        assert_eq!(&buf, b"x");
        writer.join().unwrap();
        let writer = spawn(move || b.write(b"y").unwrap());
        read_exact(&*a, &mut buf).unwrap();
        writer.join().unwrap();
    });
}

/// A deadline set to the past while calls are blocked ends both.
#[test]
fn present_timeout() {
    for_each_kind(|(a, _b)| {
        let reader = spawn({
            let a = a.clone();
            move || fails(a.read(&mut [0]), NetError::Timeout)
        });
        let writer = spawn({
            let a = a.clone();
            move || {
                let chunk = vec![0; 1 << 20];
                loop {
                    if let Err(e) = a.write(&chunk) {
                        return assert_eq!(NetError::of(&e), Some(NetError::Timeout));
                    }
                }
            }
        });
        let_it_block();
        a.set_deadline(after_ms(-1)).unwrap();
        reader.join().unwrap();
        writer.join().unwrap();
    });
}

/// A deadline set while calls are blocked ends them when it passes; then it can be cleared.
#[test]
fn future_timeout() {
    for_each_kind(|(a, b)| {
        let reader = spawn({
            let a = a.clone();
            move || fails(a.read(&mut [0]), NetError::Timeout)
        });
        let_it_block();
        a.set_deadline(after_ms(30)).unwrap();
        reader.join().unwrap();
        a.set_deadline(None).unwrap();
        let writer = spawn(move || b.write(b"z").unwrap());
        let mut buf = [0];
        read_exact(&*a, &mut buf).unwrap();
        assert_eq!(&buf, b"z");
        writer.join().unwrap();
    });
}

/// `close` ends a blocked read and a blocked write, even with a deadline far away.
#[test]
fn close_timeout() {
    for_each_kind(|(a, _b)| {
        a.set_deadline(after_ms(60_000)).unwrap();
        let reader = spawn({
            let a = a.clone();
            move || fails(a.read(&mut [0]), NetError::Closed)
        });
        let writer = spawn({
            let a = a.clone();
            move || {
                let chunk = vec![0; 1 << 20];
                loop {
                    if let Err(e) = a.write(&chunk) {
                        return assert_eq!(NetError::of(&e), Some(NetError::Closed));
                    }
                }
            }
        });
        let_it_block();
        a.close().unwrap();
        reader.join().unwrap();
        writer.join().unwrap();
    });
}

/// Every method at once from many goroutines does no harm.
#[test]
fn concurrent_methods() {
    for_each_kind(|(a, b)| {
        let echo = spawn(move || {
            let mut buf = [0; 64];
            while let Ok(n) = b.read(&mut buf) {
                if n == 0 || b.write(&buf[..n]).is_err() {
                    break;
                }
            }
        });
        let users: Vec<_> = (0..50)
            .map(|i| {
                let a = a.clone();
                spawn(move || {
                    let mut buf = [0; 16];
                    a.set_deadline(after_ms(i % 7)).unwrap();
                    let _ = a.read(&mut buf);
                    let _ = a.write(&buf);
                    a.set_read_deadline(after_ms(3)).unwrap();
                    a.set_write_deadline(after_ms(3)).unwrap();
                    let _ = a.read(&mut buf);
                })
            })
            .collect();
        for u in users {
            u.join().unwrap();
        }
        a.close().unwrap();
        echo.join().unwrap();
    });
}

/// Writers at once do not interleave: what each writes arrives in one piece.
#[test]
fn writes_do_not_interleave() {
    const WRITERS: u8 = 8;
    const SIZE: usize = 300_000;
    for_each_kind(|(a, b)| {
        let writers: Vec<_> = (1..=WRITERS)
            .map(|id| {
                let a = a.clone();
                spawn(move || assert_eq!(a.write(&vec![id; SIZE]).unwrap(), SIZE))
            })
            .collect();
        let mut got = vec![0; SIZE * WRITERS as usize];
        read_exact(&*b, &mut got).unwrap();
        for piece in got.chunks(SIZE) {
            assert!(piece.iter().all(|&x| x == piece[0]));
        }
        for w in writers {
            w.join().unwrap();
        }
    });
}

/// After a close, every method says so, the second close too.
#[test]
fn close_error() {
    for_each_kind(|(a, _b)| {
        a.close().unwrap();
        fails(a.read(&mut [0]), NetError::Closed);
        fails(a.write(b"x"), NetError::Closed);
        fails(a.set_deadline(None), NetError::Closed);
        fails(a.close(), NetError::Closed);
        let e = a.close().unwrap_err();
        assert_eq!(e.to_string(), "use of closed network connection");
    });
}

on_goroutines_too! {
    basic_io
    ping_pong
    racy_read
    read_timeout
    write_timeout
    past_timeout
    present_timeout
    future_timeout
    close_timeout
    concurrent_methods
    writes_do_not_interleave
    close_error
}
