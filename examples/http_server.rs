//! A web server with two pages, one of them slow; and many requests at the same time.
//!
//! Mirrors `http.HandleFunc`, `http.ListenAndServe` and `http.Get` of Go.

use goroutines::http::{self, Mux, Server};
use goroutines::prelude::*;
use std::io;

#[goroutine]
fn main() -> io::Result<()> {
    let mut mux = Mux::new();
    mux.handle_func("GET /hello/{name}", |req| {
        format!("hello, {}", req.path_value("name"))
    });
    mux.handle_func("GET /slow", |_| {
        time::sleep(100 * time::MILLISECOND); // a handler may wait for whatever it likes
        "at last"
    });
    let server = Server::new("127.0.0.1:0", mux);
    let address = server.local_addr()?;
    go!([server], { server.serve().unwrap() });

    for page in ["hello/gopher", "nowhere"] {
        let answer = http::get(format!("http://{address}/{page}"))?;
        println!("/{page}: {} {}", answer.status(), answer.text()?.trim_end());
    }

    let start = time::now();
    let visitors = WaitGroup::new();
    for _ in 0..20 {
        visitors.go(move || {
            let answer = http::get(format!("http://{address}/slow"));
            assert_eq!(answer.and_then(http::Response::text).unwrap(), "at last");
        });
    }
    visitors.wait();
    let sum = 20 * 100 * time::MILLISECOND;
    println!(
        "20 slow ones took less than half the sum: {}",
        time::since(start) < sum / 2
    );
    server.shutdown(&context::background())
}
