//! Go's `net/udpsock_test.go` and the packets of `unixsock_test.go`.

use super::*;
use goroutines::net::{UdpSocket, UnixDatagram};

/// There and back, with the senders' addresses.
#[test]
fn write_to_udp() {
    let a = UdpSocket::bind("127.0.0.1:0").unwrap();
    let b = UdpSocket::bind("127.0.0.1:0").unwrap();
    let to = b.local_addr().unwrap();
    let server = spawn(move || {
        let mut buf = [0; 64];
        loop {
            let (n, from) = b.recv_from(&mut buf).unwrap();
            b.send_to(&buf[..n], from).unwrap();
            if n == 0 {
                return;
            }
        }
    });
    let mut buf = [0; 64];
    for i in 0..50u8 {
        a.send_to(&[i; 3], to).unwrap();
        assert_eq!(a.recv_from(&mut buf).unwrap(), (3, to));
        assert_eq!(buf[..3], [i; 3]);
    }
    a.connect(to).unwrap();
    a.send(&[]).unwrap();
    assert_eq!(a.recv(&mut buf).unwrap(), 0);
    server.join().unwrap();
}

/// A packet without content is a packet.
#[test]
fn udp_zero_byte_payload() {
    let a = UdpSocket::bind("127.0.0.1:0").unwrap();
    a.send_to(&[], a.local_addr().unwrap()).unwrap();
    a.set_read_deadline(after_ms(5000)).unwrap();
    assert_eq!(a.recv_from(&mut [0; 8]).unwrap().0, 0);
}

/// `close` ends a blocked receive.
#[test]
fn close_unblocks_recv() {
    let s = Arc::new(UdpSocket::bind("127.0.0.1:0").unwrap());
    let receiver = spawn({
        let s = s.clone();
        move || fails(s.recv_from(&mut [0; 8]), NetError::Closed)
    });
    let_it_block();
    s.close().unwrap();
    receiver.join().unwrap();
}

/// A full receiver makes the sender wait, and nothing is lost or reordered.
#[test]
fn unix_datagrams_are_not_lost() {
    const PACKETS: u32 = 2000;
    let (a, b) = UnixDatagram::pair().unwrap();
    let sender = spawn(move || {
        for i in 0..PACKETS {
            a.send(&i.to_le_bytes()).unwrap();
        }
    });
    let mut buf = [0; 16];
    for i in 0..PACKETS {
        let n = b.recv(&mut buf).unwrap();
        assert_eq!(buf[..n], i.to_le_bytes());
    }
    sender.join().unwrap();
}

on_goroutines_too! {
    write_to_udp
    udp_zero_byte_payload
    close_unblocks_recv
    unix_datagrams_are_not_lost
}
