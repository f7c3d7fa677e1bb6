//! The servers of the network workloads; the harness is their client.

use std::convert::Infallible;
use std::time::Duration;

use bench_kit::{Args, BUFFER_BYTES, HELLO, serve_until_told};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A listener whose address the harness has been told; a thread waits for the harness to say stop.
async fn listen() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let at = listener.local_addr().expect("bound");
    std::thread::spawn(move || serve_until_told(at));
    listener
}

async fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; BUFFER_BYTES];
    loop {
        let n = stream.read(&mut buffer).await?;
        if n == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..n]).await?;
    }
}

pub async fn echo() {
    let listener = listen().await;
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream));
    }
}

/// [`echo`] beside tasks that each look at something once a second, at even distances.
pub async fn echo_and_ticks(args: &Args) {
    let ticks = args.num("ticks") as u32;
    for i in 0..ticks {
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(1) * i / ticks).await;
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
    }
    echo().await;
}

async fn hello(_: Request<hyper::body::Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::new(Bytes::from_static(
        HELLO.as_bytes(),
    ))))
}

pub async fn http() {
    let listener = listen().await;
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service_fn(hello))
                .await;
        });
    }
}
