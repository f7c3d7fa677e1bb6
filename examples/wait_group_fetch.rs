//! Fetches web pages side by side, one goroutine a URL, and waits for all with a `WaitGroup`.
//!
//! Mirrors the tutorials' `go fetch(url, &wg)` with `defer wg.Done()` and `http.Get`. The URLs are
//! the arguments:
//! ```text
//! cargo run --release -p examples -- wait_group_fetch https://www.rust-lang.org/ https://go.dev/
//! ```
//! Without arguments it fetches from two small servers that it starts on this machine.

use goroutines::http::{self, Server, StatusCode};
use goroutines::prelude::*;
use std::io;

fn fetch(url: String, wg: WaitGroup) -> io::Result<StatusCode> {
    defer!(wg.done());
    let resp = http::get(&url).inspect_err(|err| println!("{err}  {url}"))?;
    println!("{}  {url}", resp.status());
    Ok(resp.status())
}

#[goroutine]
fn main() {
    let mut urls: Vec<String> = std::env::args().skip(1).collect();
    if urls.is_empty() {
        urls = vec![serve(StatusCode::OK), serve(StatusCode::NOT_FOUND)];
    }

    let wg = WaitGroup::new();
    for url in urls {
        wg.add(1);
        go!(fetch(url, wg.clone()));
    }
    wg.wait();
}

/// Starts a web server that answers everything with `status`, and returns its URL.
fn serve(status: StatusCode) -> String {
    let server = Server::new("127.0.0.1:0", move |_: &http::Request| status);
    let address = server.local_addr().expect("a port on loopback");
    go!([server], { server.serve() });
    format!("http://{address}/")
}
