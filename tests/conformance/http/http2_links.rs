//! Which connection of HTTP/2 a request of the client goes by.

use super::http2::plain;
use super::*;
use goroutines::chan::channel;
use goroutines::http::{Request, Response};
use goroutines::sync::WaitGroup;
use std::collections::HashMap;

/// Two hundred at once by one connection, none of which waits for another: all are there before the first
/// is answered (Go's `TestTransportReuse..` by HTTP/2).
#[test]
fn http2_many_at_once() {
    const MANY: usize = 200;
    let all = WaitGroup::new();
    all.add(MANY as i64);
    let ports = Arc::new(std::sync::Mutex::new(std::collections::HashSet::new()));
    let (seen, there) = (ports.clone(), all.clone());
    let handler = move |r: &Request| {
        seen.lock().unwrap().insert(r.remote_addr().port());
        if r.path() != "/first" {
            there.done();
            there.wait();
        }
        r.path().to_owned()
    };
    let (_running, client, url) = secure(handler, |s| s, &[]);
    // Before it is known what the server speaks everybody makes a connection.
    client.get(format!("{url}/first")).unwrap().text().unwrap();
    let done = WaitGroup::new();
    for i in 0..MANY {
        let (client, url) = (client.clone(), url.clone());
        done.go(move || {
            let answer = client.get(format!("{url}/{i}")).unwrap();
            assert_eq!(answer.text().unwrap(), format!("/{i}"));
        });
    }
    done.wait();
    assert_eq!(ports.lock().unwrap().len(), 1);
}

/// Answers that nobody reads hold up no other by the same connection.
#[test]
fn http2_unread_answers() {
    const LARGE: usize = 3 << 20;
    let handler = |r: &Request| Response::new(vec![7; if r.path() == "/" { 5 } else { LARGE }]);
    let (running, _) = plain(handler, |s| s);
    // It is not to hang if this fails.
    let limit = Duration::from_secs(60);
    let client = Client::builder().unencrypted_http2().timeout(limit).build();
    let unread: Vec<_> = (0..4)
        .map(|_| client.get(running.url("/large")).unwrap())
        .collect();
    for _ in 0..3 {
        let answer = client.get(running.url("/large")).unwrap();
        assert_eq!(answer.bytes().unwrap().len(), LARGE);
    }
    for answer in unread {
        assert_eq!(answer.bytes().unwrap().len(), LARGE);
    }
}

/// No more at once by a connection than the server allows (Go's `TestTransportMaxConcurrentStreams`' kind).
#[test]
fn http2_max_concurrent_streams() {
    let by_port = Arc::new(std::sync::Mutex::new(HashMap::<u16, (usize, usize)>::new()));
    let count = by_port.clone();
    let handler = move |r: &Request| {
        let port = r.remote_addr().port();
        let change = |f: fn(&mut (usize, usize))| f(count.lock().unwrap().entry(port).or_default());
        change(|(now, most)| {
            *now += 1;
            *most = (*now).max(*most);
        });
        goroutines::time::sleep(Duration::from_millis(1));
        change(|(now, _)| *now -= 1);
        "x"
    };
    let (running, client) = plain(handler, |s| s.max_concurrent_streams(3));
    // The server's settings are known when it has answered.
    client.get(running.url("/")).unwrap().text().unwrap();
    let done = WaitGroup::new();
    for _ in 0..40 {
        let (client, url) = (client.clone(), running.url("/"));
        done.go(move || assert_eq!(client.get(url).unwrap().text().unwrap(), "x"));
    }
    done.wait();
    assert!(by_port.lock().unwrap().values().all(|&(_, most)| most <= 3));
}

/// A request for which the server has no room by one connection goes by another, which is kept as well
/// (Go's `TestTransportMaxConcurrentStreams` without `StrictMaxConcurrentStreams`).
#[test]
fn http2_goes_elsewhere_when_full() {
    let (begun, begins) = channel(0);
    let (go_on, going) = channel::<()>(0);
    let handler = move |r: &Request| {
        if r.path() == "/slow" {
            begun.send(());
            going.recv();
        }
        r.remote_addr().port().to_string()
    };
    let (running, _) = plain(handler, |s| s.max_concurrent_streams(1));
    // It is not to hang if this fails.
    let limit = Duration::from_secs(60);
    let client = Client::builder().unencrypted_http2().timeout(limit).build();
    let ask = |path: &str| client.get(running.url(path)).unwrap().text().unwrap();
    let first = ask("/");
    let slow = {
        let (client, url) = (client.clone(), running.url("/slow"));
        spawn(move || client.get(url).unwrap().text().unwrap())
    };
    begins.recv();
    let second = ask("/");
    assert_ne!(second, first);
    assert_eq!(ask("/"), second);
    go_on.send(());
    assert_eq!(slow.join().unwrap(), first);
    assert_eq!(ask("/"), first);
}
