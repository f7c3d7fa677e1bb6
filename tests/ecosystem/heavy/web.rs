//! axum, whose handlers call goroutines, and the clients that people use, in goroutines.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use ecosystem::everywhere;
use goroutines::{chan, runtime, spawn, time};
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use std::net::SocketAddr;
use std::sync::OnceLock;

// ANCHOR: axum
/// Numbers from a goroutine, by a channel, and the goroutine's own result.
async fn sum(Path(n): Path<u64>) -> String {
    let (tx, rx) = chan::channel(1);
    let sends = spawn(move || {
        for i in 0..=n {
            tx.send(i);
            if i % 16 == 0 {
                time::sleep(time::MICROSECOND);
            }
        }
        n
    });
    let mut sum = 0;
    while let Some(i) = rx.recv_async().await {
        sum += i;
    }
    format!("{sum} of {}", sends.await.unwrap())
}
// ANCHOR_END: axum

/// A goroutine that blocks as goroutines do.
async fn upper(text: String) -> String {
    let works = spawn(move || {
        runtime::gosched();
        text.to_uppercase()
    });
    works.await.unwrap()
}

/// The server, in tokio.
fn server() -> SocketAddr {
    static ADDR: OnceLock<SocketAddr> = OnceLock::new();
    *ADDR.get_or_init(|| {
        runtime::run(|| {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0");
            let listener = goroutines::tokio::block_on(listener).unwrap();
            let addr = listener.local_addr().unwrap();
            let app = Router::new()
                .route("/sum/{n}", get(sum))
                .route("/upper", post(upper));
            goroutines::tokio::spawn(async { axum::serve(listener, app).await });
            addr
        })
    })
}

fn expected(n: usize) -> String {
    format!("{} of {n}", n * (n + 1) / 2)
}

/// A future that wants tokio's reactor, in each goroutine.
#[test]
fn reqwest() {
    let (addr, client) = (server(), reqwest::Client::new());
    everywhere(200, |i| {
        // ANCHOR: reqwest
        let asked = goroutines::tokio::block_on(async {
            let answer = client.get(format!("http://{addr}/sum/{i}")).send().await?;
            answer.text().await
        });
        assert_eq!(asked.unwrap(), expected(i));
        // ANCHOR_END: reqwest
        runtime::gosched();
        let sends = client
            .post(format!("http://{addr}/upper"))
            .body(format!("word {i}"));
        let answer = goroutines::tokio::block_on(sends.send()).unwrap();
        assert!(answer.status().is_success());
        let text = goroutines::tokio::block_on(answer.text()).unwrap();
        assert_eq!(text, format!("WORD {i}"));
    });
}

#[test]
fn reqwest_blocking() {
    let addr = server();
    // Made and dropped outside: it has a thread of its own, for which both wait.
    let client = reqwest::blocking::Client::new();
    everywhere(50, |i| {
        let answer = client.get(format!("http://{addr}/sum/{i}")).send().unwrap();
        runtime::gosched();
        assert_eq!(answer.text().unwrap(), expected(i));
    });
}

#[test]
fn ureq() {
    let addr = server();
    let agent = ureq::Agent::new_with_defaults();
    everywhere(50, |i| {
        let mut answer = agent.get(format!("http://{addr}/sum/{i}")).call().unwrap();
        runtime::gosched();
        assert_eq!(answer.body_mut().read_to_string().unwrap(), expected(i));
    });
}

#[test]
fn hyper_util() {
    let addr = server();
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<hyper::body::Bytes>>();
    everywhere(100, |i| {
        let uri = format!("http://{addr}/sum/{i}").parse().unwrap();
        // ANCHOR: hyper-util
        let body = goroutines::tokio::block_on(async {
            let answer = client.get(uri).await.unwrap();
            answer.into_body().collect().await.unwrap().to_bytes()
        });
        // ANCHOR_END: hyper-util
        assert_eq!(body, expected(i));
    });
}
