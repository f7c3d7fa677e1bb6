//! Names of Unix sockets, and reads into no room.

use goroutines::net::{self, NetError, UnixListener, UnixStream};
use goroutines::prelude::*;
use std::io::{Read, Write};
use std::path::PathBuf;

fn path(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("rows-{name}-{}.sock", std::process::id()))
}

/// The file is there as long as somebody listens.
#[goroutine]
#[test]
fn the_last_clone_takes_the_file_with_it() {
    let path = path("clone");
    let first = UnixListener::bind(&path).unwrap();
    let second = first.try_clone().unwrap();
    let third = second.try_clone().unwrap();
    drop(first);
    UnixStream::connect(&path).unwrap();
    second.accept().unwrap();
    second.close().unwrap();
    assert!(NetError::Closed == net_error(second.close()));
    UnixStream::connect(&path).unwrap();
    third.accept().unwrap();
    drop(second);
    assert!(path.exists());
    drop(third);
    assert!(!path.exists());
}

#[goroutine]
#[test]
fn whether_the_file_goes_is_said_for_all_clones() {
    let path = path("unlink");
    let first = UnixListener::bind(&path).unwrap();
    let second = first.try_clone().unwrap();
    second.set_unlink_on_close(false).unwrap();
    drop((first, second));
    assert!(path.exists());
    std::fs::remove_file(path).unwrap();
}

fn net_error(result: std::io::Result<()>) -> NetError {
    NetError::of(&result.unwrap_err()).unwrap()
}

#[cfg(target_os = "linux")]
#[goroutine]
#[test]
fn a_name_with_an_at_sign_is_no_file() {
    let name = format!("@rows-{}", std::process::id());
    let listener = net::listen("unix", &name).unwrap();
    assert!(!std::path::Path::new(&name).exists());
    assert_eq!(listener.local_addr().unwrap().to_string(), name);
    go!([name], {
        let mut conn = net::dial("unix", &name).unwrap();
        assert_eq!(conn.peer_addr().unwrap().to_string(), name);
        // One without a name.
        assert_eq!(conn.local_addr().unwrap().to_string(), "@");
        conn.write_all(b"hi").unwrap();
    });
    let mut text = String::new();
    listener
        .accept()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, "hi");
    // std's names are paths.
    let strange = std::env::temp_dir().join(&name);
    drop(UnixListener::bind(&strange).unwrap());
    assert!(net::dial("unixgram", &name).is_err());
}

#[goroutine]
#[test]
fn a_read_into_no_room_returns_at_once() {
    let server = net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut conn = net::dial("udp", server.local_addr().unwrap()).unwrap();
    assert_eq!(conn.read(&mut []).unwrap(), 0);
    // It takes no packet either.
    conn.write_all(b"x").unwrap();
    let (_, client) = server.recv_from(&mut [0; 8]).unwrap();
    server.send_to(b"packet", client).unwrap();
    assert_eq!(conn.read(&mut []).unwrap(), 0);
    assert_eq!(conn.read(&mut [0; 8]).unwrap(), 6);
    conn.close().unwrap();
    assert!(conn.read(&mut []).is_err());
}
