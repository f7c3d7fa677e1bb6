//! A server for tools that ask: h2spec, load generators, curl. It prints its port, speaks HTTP/1.1 and, to
//! those who begin with it, HTTP/2, and ends at the end of its input.
//!
//! | path | answer |
//! | --- | --- |
//! | `/` | `hello` |
//! | `/upload` | the number of bytes that were sent |
//! | `/download?n=N` | N bytes |

use goroutines::goroutine;
use goroutines::http::{Body, Mux, Request, Server};
use std::io::Read;

#[goroutine]
fn main() {
    let mut mux = Mux::new();
    mux.handle_func("/{$}", |_| "hello");
    mux.handle_func("/upload", upload);
    mux.handle_func("/download", |r| {
        let n = r.query("n").and_then(|n| n.parse().ok()).unwrap_or(0);
        Body::sized_reader(std::io::repeat(b'x'), n)
    });
    let server = Server::new("127.0.0.1:0", mux).unencrypted_http2();
    println!("{}", server.local_addr().unwrap().port());
    let ending = server.clone();
    goroutines::go!({
        let _ = std::io::copy(&mut goroutines::os::stdin(), &mut std::io::sink());
        let _ = ending.close();
    });
    server.serve().unwrap();
}

fn upload(r: &Request) -> std::io::Result<String> {
    let (mut body, mut all) = (r.body(), 0);
    let mut buf = vec![0; 64 << 10];
    loop {
        match body.read(&mut buf)? {
            0 => return Ok(all.to_string()),
            n => all += n,
        }
    }
}
