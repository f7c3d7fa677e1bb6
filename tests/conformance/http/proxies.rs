//! Proxies, by bare sockets.

use super::transport::{raw_server, read_head};
use super::*;
use goroutines::http::Request;
use std::io::ErrorKind;

/// A proxy by SOCKS5 is told names and addresses, with and without a password (Go's `TestSOCKS5Proxy`);
/// one that refuses is an error.
#[test]
fn socks_proxies() {
    use std::io::Read as _;
    let running = Running::start(|r: &Request| format!("{} {}", r.uri(), r.host()));
    let to = running.addr;
    let proxy = raw_server(move |_, mut s| {
        let mut read = |n: usize| {
            let mut buf = vec![0; n];
            s.read_exact(&mut buf).unwrap();
            buf
        };
        let count = read(2)[1];
        let methods = read(count.into());
        let mut out = s.try_clone().unwrap();
        out.write_all(&[5, *methods.last().unwrap()]).unwrap();
        let mut read = |n: usize| {
            let mut buf = vec![0; n];
            s.read_exact(&mut buf).unwrap();
            buf
        };
        if methods.contains(&2) {
            assert_eq!(read(1), [1]);
            for want in ["name", "word"] {
                let len = read(1)[0];
                assert_eq!(read(len.into()), want.as_bytes());
            }
            out.write_all(&[1, 0]).unwrap();
        }
        assert_eq!(read(3), [5, 1, 0]);
        let host = match read(1)[0] {
            1 => format!("{:?}", read(4)),
            _ => {
                let len = read(1)[0];
                String::from_utf8(read(len.into())).unwrap()
            }
        };
        let port = u16::from_be_bytes(read(2).try_into().unwrap());
        if host == "refused.test" {
            out.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
            return;
        }
        assert_eq!(
            (&*host, port),
            if methods.contains(&2) {
                ("host.test", 80)
            } else {
                ("[1, 2, 3, 4]", 99)
            }
        );
        out.write_all(&[5, 0, 0, 3, 2, b'x', b'y', 0, 0]).unwrap();
        let mut server = std::net::TcpStream::connect(to).unwrap();
        let (mut back, mut front) = (server.try_clone().unwrap(), out);
        std::thread::spawn(move || std::io::copy(&mut back, &mut front));
        let _ = std::io::copy(&mut s, &mut server);
    });
    let proxy = proxy.strip_prefix("http://").unwrap();
    let with = |url: String| Client::builder().proxy(url).build();
    let client = with(format!("socks5://name:word@{proxy}"));
    for _ in 0..2 {
        let answer = client.get("http://host.test/path?q").unwrap();
        assert_eq!(answer.text().unwrap(), "/path?q host.test");
    }
    let client = with(format!("socks5h://{proxy}"));
    let answer = client.get("http://1.2.3.4:99/").unwrap();
    assert_eq!(answer.text().unwrap(), "/ 1.2.3.4:99");
    let e = client.get("http://refused.test/").unwrap_err();
    assert!(e.to_string().ends_with("connection refused"), "{e}");
}

/// A proxy gets whole URLs and passwords, and opens tunnels (Go's `TestTransportProxy`).
#[test]
fn proxies() {
    let (heads, seen) = std::sync::mpsc::channel();
    let heads = std::sync::Mutex::new(heads);
    let proxy = raw_server(move |_, mut s| {
        while let Some((head, _)) = read_head(&mut s) {
            heads.lock().unwrap().send(head).unwrap();
            s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                .unwrap();
        }
    });
    let proxy = proxy.replace("http://", "http://name:pass@");
    let client = Client::builder().proxy(proxy).build();
    for path in ["/a?b=c", "/d"] {
        let answer = client.get(format!("http://no.such.host{path}")).unwrap();
        assert_eq!(answer.text().unwrap(), "ok");
        let head = seen.recv().unwrap().to_ascii_lowercase();
        assert!(
            head.starts_with(&format!("get http://no.such.host:80{path} http/1.1\r\n")),
            "{head}"
        );
        assert!(head.contains("\r\nhost: no.such.host\r\n"), "{head}");
        assert!(head.contains("\r\nproxy-authorization: basic "), "{head}");
    }
    assert!(
        client.get("https://no.such.host/").is_err(),
        "that is no TLS"
    );
    let head = seen.recv().unwrap();
    assert!(
        head.starts_with("CONNECT no.such.host:443 HTTP/1.1\r\n"),
        "{head}"
    );
}

/// What is no address of a proxy is an error, and nothing goes past it (Go's `TestProxyFromEnvironment`'s
/// errors).
#[test]
fn malformed_proxies() {
    let running = Running::start(|_: &Request| "asked");
    for proxy in ["htp://x", "", "::", "http://"] {
        let client = Client::builder().proxy(proxy).build();
        let e = client.get(running.url("/")).unwrap_err();
        assert_eq!(e.kind(), ErrorKind::InvalidInput, "{proxy:?}: {e}");
    }
}

/// A proxy that gets the request itself is asked by HTTP/1.1, with its password.
#[test]
fn a_proxy_knows_nothing_of_http2() {
    let (heads, seen) = std::sync::mpsc::channel();
    let heads = std::sync::Mutex::new(heads);
    let proxy = raw_server(move |_, mut s| {
        while let Some((head, _)) = read_head(&mut s) {
            heads.lock().unwrap().send(head).unwrap();
            // One that was asked by HTTP/2 gets that as well; it ends.
            s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                .unwrap();
        }
    });
    let proxy = proxy.replace("http://", "http://name:pass@");
    let client = Client::builder().proxy(proxy).unencrypted_http2().build();
    let answer = client.get("http://no.such.host/a");
    let head = seen.recv().unwrap().to_ascii_lowercase();
    assert!(
        head.starts_with("get http://no.such.host:80/a http/1.1\r\n"),
        "{head}"
    );
    assert!(head.contains("\r\nproxy-authorization: basic "), "{head}");
    assert_eq!(answer.unwrap().text().unwrap(), "ok");
}

/// Those that the environment names, but not for this machine (Go's `ProxyFromEnvironment`). The table of the
/// variables is where they are read.
#[test]
fn proxies_of_the_environment() {
    let proxy = raw_server(|_, mut s| {
        while read_head(&mut s).is_some() {
            s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nby proxy")
                .unwrap();
        }
    });
    let running = Running::start(|_: &Request| "straight");
    let near = running.url("/");
    let nearer = near.replace("127.0.0.1", "localhost");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_prog"));
    for name in [
        "GODEBUG",
        "REQUEST_METHOD",
        "http_proxy",
        "NO_PROXY",
        "no_proxy",
    ] {
        command.env_remove(name);
    }
    // Nobody is there.
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, "http://127.0.0.1:1");
    }
    command
        .arg("asks_for_what_the_environment_says")
        .env("HTTP_PROXY", proxy);
    command.env("URLS", format!("http://host.test/ {near} {nearer}"));
    let output = command.output().unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "by proxy\nstraight\nstraight\nmain returned\n"
    );
}
