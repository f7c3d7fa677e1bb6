//! Running out of descriptors.

use super::*;
use socket2::{Domain, Socket, Type};

/// A server without descriptors neither ends nor spins, and goes on when there are some again.
#[test]
fn a_server_survives_the_want_of_descriptors() {
    let name = "exhaustion::a_server_survives_the_want_of_descriptors";
    in_own_process(name, 60, want_of_descriptors);
}

fn want_of_descriptors() {
    let server = EchoServer::start();
    // Connecting needs no descriptor, so more can connect than the server has descriptors for.
    let tcp = || Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let sockets: Vec<Socket> = (0..35).map(|_| tcp()).collect();
    let clients: Vec<std::net::TcpStream> = sockets
        .into_iter()
        .map(|socket| {
            socket.connect(&server.addr.into()).unwrap();
            socket.into()
        })
        .collect();
    process::comes_to_rest();

    // Those that were accepted answer; then they go, and the others get their turn.
    let answers = |stream: &std::net::TcpStream| {
        stream
            .set_read_timeout(Some(Duration::from_millis(50)))
            .unwrap();
        let mut s = stream;
        s.write_all(b"x").is_ok() && matches!(s.read(&mut [0]), Ok(1))
    };
    let (served, waiting): (Vec<_>, Vec<_>) = clients.into_iter().partition(&answers);
    assert!(!served.is_empty() && !waiting.is_empty());
    drop(served);
    for stream in waiting {
        // What was sent above comes back now; at the longest pause of the listener, in a second.
        stream.set_read_timeout(Some(tests::patience(60))).unwrap();
        (&stream).read_exact(&mut [0]).unwrap();
    }
}
