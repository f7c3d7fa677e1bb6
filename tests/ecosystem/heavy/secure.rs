//! TLS and WebSocket, over this crate's streams.

use ecosystem::everywhere;
use goroutines::net::{TcpListener, TcpStream};
use goroutines::{scope, time};
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
};
use std::io::{Read, Write};
use std::sync::Arc;
use tungstenite::Message;

/// Two ends of one connection.
fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let dials = goroutines::spawn(move || TcpStream::connect(addr).unwrap());
    let (accepted, _) = listener.accept().unwrap();
    (accepted, dials.join().unwrap())
}

fn configs() -> (Arc<ServerConfig>, Arc<ClientConfig>) {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::Pkcs8(own.signing_key.serialize_der().into());
    let server = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(own.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (server.into(), client.into())
}

#[test]
fn rustls() {
    let (server, client) = configs();
    everywhere(50, |i| {
        let (accepted, dialed) = pair();
        let words = format!("{i} ").repeat(5_000);
        let answers = || {
            let connection = ServerConnection::new(server.clone()).unwrap();
            let mut stream = StreamOwned::new(connection, accepted);
            let mut asked = vec![0; words.len()];
            stream.read_exact(&mut asked).unwrap();
            time::sleep(time::MILLISECOND);
            stream.write_all(&asked).unwrap();
            stream.conn.send_close_notify();
            stream.flush().unwrap();
        };
        scope(|s| {
            s.go(answers);
            let name = ServerName::try_from("localhost").unwrap();
            let connection = ClientConnection::new(client.clone(), name).unwrap();
            let mut stream = StreamOwned::new(connection, dialed);
            stream.write_all(words.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer == words);
        });
    });
}

#[test]
fn tungstenite() {
    everywhere(50, |i| {
        let (accepted, dialed) = pair();
        let echoes = || {
            let mut socket = tungstenite::accept(accepted).unwrap();
            while let Ok(message) = socket.read() {
                if message.is_text() {
                    socket.send(message).unwrap();
                }
            }
        };
        scope(|s| {
            s.go(echoes);
            let (mut socket, _) = tungstenite::client("ws://localhost/", dialed).unwrap();
            for n in 0..10 {
                let text = format!("{n} of {i}").repeat(n + 1);
                socket.send(Message::text(&text)).unwrap();
                assert_eq!(socket.read().unwrap().into_text().unwrap(), text);
            }
            socket.close(None).unwrap();
            while socket.read().is_ok() {}
        });
    });
}
