//! HTTP clients under load, and the server that they ask: `benches/http/run.sh` runs it beside Go and reqwest.
//!
//! ```text
//! asker serve                  prints its address; until the end of its input
//! asker many ADDR CLIENTS N    N requests by so many goroutines
//! asker up ADDR BYTES          one upload
//! asker down ADDR BYTES        one download
//! ```

use goroutines::goroutine;
use goroutines::http::{Body, Client, Mux, Server};
use goroutines::sync::WaitGroup;
use std::io::{self, Read};
use std::time::Instant;

#[goroutine]
fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse().expect("a number");
    let begin = Instant::now();
    match args[..] {
        ["serve"] => return serve(),
        ["many", addr, clients, n] => many(addr, number(clients), number(n)),
        ["up", addr, bytes] => up(addr, number(bytes))?,
        ["down", addr, bytes] => down(addr, number(bytes))?,
        _ => panic!("asker serve | many ADDR CLIENTS N | up ADDR BYTES | down ADDR BYTES"),
    }
    println!("{:.1} ms", begin.elapsed().as_secs_f64() * 1e3);
    Ok(())
}

fn serve() -> io::Result<()> {
    let mut mux = Mux::new();
    mux.handle_func("/", |_| "Hello, World!");
    mux.handle_func("/up", |r| drain(r.body()).map(|n| n.to_string()));
    mux.handle_func("/down", |r| {
        let n = r.query("n").and_then(|n| n.parse().ok()).unwrap_or(0);
        Body::sized_reader(io::repeat(b'x'), n)
    });
    let server = Server::new("127.0.0.1:0", mux);
    println!("{}", server.local_addr()?);
    let ending = server.clone();
    goroutines::go!(move || {
        let _ = drain(goroutines::os::stdin());
        let _ = ending.close();
    });
    server.serve()
}

fn drain(mut from: impl Read) -> io::Result<u64> {
    let mut buf = vec![0; 64 << 10];
    let mut all = 0;
    loop {
        match from.read(&mut buf)? {
            0 => return Ok(all),
            n => all += n as u64,
        }
    }
}

fn many(addr: &str, clients: u64, n: u64) {
    let client = Client::builder()
        .max_idle_per_host(usize::try_from(clients).expect("few"))
        .build();
    let all = WaitGroup::new();
    for _ in 0..clients {
        let (client, url) = (client.clone(), format!("http://{addr}/"));
        all.go(move || {
            for _ in 0..n / clients {
                let answer = client.get(&url).expect("an answer");
                assert_eq!(answer.bytes().expect("all of it").len(), 13);
            }
        });
    }
    all.wait();
}

fn up(addr: &str, bytes: u64) -> io::Result<()> {
    let body = Body::sized_reader(io::repeat(b'x'), bytes);
    let answer = Client::new().post(format!("http://{addr}/up"), "x/y", body)?;
    assert_eq!(answer.text()?, bytes.to_string());
    Ok(())
}

fn down(addr: &str, bytes: u64) -> io::Result<()> {
    let answer = Client::new().get(format!("http://{addr}/down?n={bytes}"))?;
    assert_eq!(drain(answer)?, bytes);
    Ok(())
}
