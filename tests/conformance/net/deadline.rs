//! Go's `net/timeout_test.go`.

use super::*;
use goroutines::net::UdpSocket;

/// Accepting with a deadline: from the past to a few milliseconds, alone and with a second
/// listener on the same descriptor table.
#[test]
fn accept_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    for ms in [-5000, -1, 0, 5, 20, 50] {
        let begin = Instant::now();
        listener.set_deadline(after_ms(ms)).unwrap();
        for _ in 0..2 {
            fails(listener.accept(), NetError::Timeout);
        }
        assert!(
            begin.elapsed() + Duration::from_millis(1) >= Duration::from_millis(ms.max(0) as u64)
        );
    }
    listener.set_deadline(None).unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (_, from) = listener.accept().unwrap();
    assert_eq!(from, client.local_addr().unwrap());
}

/// A deadline set, cleared, and set again while `accept` is blocked ends it all the same.
#[test]
fn accept_timeout_must_return() {
    let listener = Arc::new(TcpListener::bind("127.0.0.1:0").unwrap());
    let accepting = spawn({
        let listener = listener.clone();
        move || fails(listener.accept(), NetError::Timeout)
    });
    listener.set_deadline(None).unwrap();
    listener.set_deadline(after_ms(60_000)).unwrap();
    listener.set_deadline(after_ms(10)).unwrap();
    accepting.join().unwrap();
}

/// A deadline that was cleared before it passed ends nothing; the connection is closed to end the
/// read.
#[test]
fn read_timeout_must_not_return() {
    in_time(Duration::from_millis(30), |d| {
        let (a, _b) = tcp_pair();
        let a = Arc::new(a);
        let due = Instant::now() + d;
        a.set_read_deadline(due).unwrap();
        let reader = spawn({
            let a = a.clone();
            move || Conn::read(&*a, &mut [0])
        });
        a.set_read_deadline(None).unwrap();
        let before_it_passed = Instant::now() < due;
        std::thread::sleep(2 * d);
        a.close().unwrap();
        let ended = reader.join().unwrap();
        before_it_passed.then(|| fails(ended, NetError::Closed))
    });
}

/// Deadlines of each length pass neither early nor long after.
#[test]
fn various_deadlines() {
    let (a, _b) = tcp_pair();
    for us in [0, 1, 50, 500, 2_000, 20_000, 100_000] {
        for _ in 0..3 {
            let d = Duration::from_micros(us);
            let begin = Instant::now();
            a.set_read_deadline(begin + d).unwrap();
            fails(Conn::read(&a, &mut [0]), NetError::Timeout);
            assert!(begin.elapsed() >= d, "{:?} before {d:?}", begin.elapsed());
        }
    }
}

/// Reads that time out again and again: each does, and none too early.
#[test]
fn read_timeout_fluctuation() {
    let (a, _b) = tcp_pair();
    for _ in 0..20 {
        let begin = Instant::now();
        let due = begin + Duration::from_millis(5);
        a.set_read_deadline(due).unwrap();
        fails(Conn::read(&a, &mut [0]), NetError::Timeout);
        assert!(Instant::now() >= due);
    }
}

/// A deadline that is pushed on before it passes never ends the read; when it is no longer pushed
/// it does.
#[test]
fn read_write_prolonged_timeout() {
    in_time(Duration::from_millis(200), |d| {
        let (a, _b) = tcp_pair();
        let a = Arc::new(a);
        let mut last = Instant::now() + d;
        a.set_read_deadline(last).unwrap();
        let reader = spawn({
            let a = a.clone();
            move || {
                fails(Conn::read(&*a, &mut [0]), NetError::Timeout);
                Instant::now()
            }
        });
        let mut none_passed = true;
        for _ in 0..20 {
            std::thread::sleep(d / 10);
            let next = Instant::now() + d;
            a.set_read_deadline(next).unwrap();
            none_passed &= Instant::now() < last;
            last = next;
        }
        let ended = reader.join().unwrap();
        none_passed.then(|| assert!(ended >= last))
    });
}

/// A later deadline replaced by an earlier one counts from the earlier.
#[test]
fn an_earlier_deadline_counts() {
    let (a, _b) = tcp_pair();
    a.set_read_deadline(after_ms(600_000)).unwrap();
    let begin = Instant::now();
    a.set_read_deadline(after_ms(20)).unwrap();
    fails(Conn::read(&a, &mut [0]), NetError::Timeout);
    assert!(begin.elapsed() < Duration::from_secs(60));
}

/// Goroutines that set deadlines at once do no harm, and the last word holds.
#[test]
fn concurrent_set_deadline() {
    let (a, _b) = tcp_pair();
    let a = Arc::new(a);
    let setters: Vec<_> = (0..8)
        .map(|i: u64| {
            let a = a.clone();
            spawn(move || {
                for j in 0..200 {
                    let at = Instant::now() + Duration::from_micros(37 * (i * 200 + j) % 5000);
                    a.set_deadline(at).unwrap();
                }
            })
        })
        .collect();
    for s in setters {
        s.join().unwrap();
    }
    a.set_deadline(after_ms(10)).unwrap();
    fails(Conn::read(&*a, &mut [0]), NetError::Timeout);
    a.set_deadline(None).unwrap();
    a.set_read_deadline(after_ms(10)).unwrap();
    fails(Conn::read(&*a, &mut [0]), NetError::Timeout);
}

/// std's timeouts hold for each call anew, and can be read back.
#[test]
fn timeouts_of_std() {
    let (a, b) = tcp_pair();
    let d = Duration::from_millis(20);
    a.set_read_timeout(Some(d)).unwrap();
    assert_eq!(a.read_timeout().unwrap(), Some(d));
    for _ in 0..3 {
        let begin = Instant::now();
        let e = Conn::read(&a, &mut [0]).unwrap_err();
        assert_eq!(e.kind(), io::ErrorKind::TimedOut);
        assert!(begin.elapsed() >= d);
    }
    Conn::write(&b, b"x").unwrap();
    assert_eq!(Conn::read(&a, &mut [0; 8]).unwrap(), 1);
    assert!(a.set_read_timeout(Some(Duration::ZERO)).is_err());
    a.set_read_timeout(None).unwrap();
    assert_eq!(a.read_timeout().unwrap(), None);
}

/// Receiving a packet has deadlines too.
#[test]
fn read_from_timeout() {
    let s = UdpSocket::bind("127.0.0.1:0").unwrap();
    s.set_read_deadline(after_ms(-1)).unwrap();
    fails(s.recv_from(&mut [0; 8]), NetError::Timeout);
    s.set_read_deadline(after_ms(10)).unwrap();
    fails(s.recv_from(&mut [0; 8]), NetError::Timeout);
    s.set_read_deadline(None).unwrap();
    s.send_to(b"hi", s.local_addr().unwrap()).unwrap();
    assert_eq!(s.recv_from(&mut [0; 8]).unwrap().0, 2);
}

on_goroutines_too! {
    accept_timeout
    accept_timeout_must_return
    read_timeout_must_not_return
    various_deadlines
    read_timeout_fluctuation
    read_write_prolonged_timeout
    an_earlier_deadline_counts
    concurrent_set_deadline
    timeouts_of_std
    read_from_timeout
}
