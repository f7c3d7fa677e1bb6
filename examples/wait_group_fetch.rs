//! Fetches web pages side by side, one goroutine a URL, and waits for all with a `WaitGroup`.
//!
//! Mirrors the tutorials' `go fetch(url, &wg)` with `defer wg.Done()` and `http.Get`. The URLs are
//! the arguments:
//! ```text
//! cargo run --release -p examples -- wait_group_fetch https://www.rust-lang.org/ https://go.dev/
//! ```
//! Without arguments it fetches from two small servers that it starts on this machine.

use goroutines::prelude::*;
use std::io::{BufRead, BufReader, Write};

fn fetch(url: String, wg: WaitGroup) -> Result<String, ureq::Error> {
    defer!(wg.done());
    match runtime::blocking(|| get(&url)) {
        Ok(status) => {
            println!("{status}  {url}");
            Ok(status)
        }
        Err(err) => {
            println!("{err}  {url}");
            Err(err)
        }
    }
}

#[goroutine]
fn main() {
    let mut urls: Vec<String> = std::env::args().skip(1).collect();
    if urls.is_empty() {
        urls = vec![serve("200 OK"), serve("404 Not Found")];
    }

    let wg = WaitGroup::new();
    for url in urls {
        wg.add(1);
        go!(fetch(url, wg.clone()));
    }
    wg.wait();
}

/// Go's `http.Get`, as far as the status line; a plain blocking call of an ordinary library.
fn get(url: &str) -> Result<String, ureq::Error> {
    let request = ureq::get(url).config().http_status_as_error(false).build();
    Ok(request.call()?.status().to_string())
}

/// Starts a web server that answers everything with `status`, and returns its URL.
fn serve(status: &'static str) -> String {
    let listener = net::TcpListener::bind("127.0.0.1:0").expect("no port on loopback");
    let address = listener.local_addr().expect("a bound listener");
    go!({
        while let Ok((conn, _)) = listener.accept() {
            go!(answer(conn, status));
        }
    });
    format!("http://{address}/")
}

fn answer(conn: net::TcpStream, status: &str) -> std::io::Result<()> {
    let mut head = BufReader::new(&conn).lines();
    while head
        .next()
        .is_some_and(|line| line.is_ok_and(|l| !l.is_empty()))
    {}
    write!(
        &conn,
        "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
}
