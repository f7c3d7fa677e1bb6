//! Crates that know nothing of us, on `block_on`: hyper as client and server over async-io's
//! sockets (whose reactor is a thread of its own), async-channel, futures-lite.

use async_io::{Async, Timer};
use futures_lite::{AsyncRead, AsyncWrite, FutureExt, StreamExt, future};
use goroutines::{block_on, go, runtime, spawn};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::rt::ReadBufCursor;
use hyper::service::service_fn;
use hyper::{Request, Response, client, server};
use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

/// async-io's socket in hyper's terms.
struct Io(Async<TcpStream>);

impl hyper::rt::Read for Io {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut bytes = [0; 4096];
        let room = bytes.len().min(buf.remaining());
        let n = ready!(Pin::new(&mut self.0).poll_read(cx, &mut bytes[..room]))?;
        buf.put_slice(&bytes[..n]);
        Poll::Ready(Ok(()))
    }
}

impl hyper::rt::Write for Io {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(cx)
    }
}

async fn echo(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let text = format!("{path}: {}", String::from_utf8_lossy(&body));
    Ok(Response::new(Full::from(text)))
}

/// A goroutine per connection, as long as there are some.
fn start_server() -> SocketAddr {
    let listener = Async::<TcpListener>::bind(([127, 0, 0, 1], 0)).unwrap();
    let addr = listener.get_ref().local_addr().unwrap();
    go!(move || {
        while let Ok((stream, _)) = block_on(listener.accept()) {
            go!(move || {
                let serving = server::conn::http1::Builder::new()
                    .serve_connection(Io(stream), service_fn(echo));
                let _ = block_on(serving);
            });
        }
    });
    addr
}

fn ask_many(addr: SocketAddr, client: usize) {
    let stream = block_on(Async::<TcpStream>::connect(addr)).unwrap();
    let (mut sender, connection) = block_on(client::conn::http1::handshake(Io(stream))).unwrap();
    let connection = spawn(move || block_on(connection));
    for i in 0..50 {
        let request = Request::post(format!("/{client}/{i}"))
            .header("host", "x")
            .body(Full::<Bytes>::from("body".repeat(i)))
            .unwrap();
        // The connection's goroutine may not have seen the end of the last answer yet.
        block_on(sender.ready()).unwrap();
        let answer = block_on(sender.send_request(request)).unwrap();
        let text = block_on(answer.into_body().collect()).unwrap().to_bytes();
        assert_eq!(text, format!("/{client}/{i}: {}", "body".repeat(i)));
    }
    drop(sender);
    connection.join().unwrap().unwrap();
}

/// hyper on both sides, twenty connections at once.
#[test]
fn hyper_client_and_server() {
    runtime::run(|| {
        let addr = start_server();
        let clients: Vec<_> = (0..20)
            .map(|id| spawn(move || ask_many(addr, id)))
            .collect();
        for c in clients {
            c.join().unwrap();
        }
    });
}

/// A channel made for async code, between goroutines.
#[test]
fn async_channels() {
    runtime::run(|| {
        let (tx, rx) = async_channel::bounded::<u64>(3);
        let senders: Vec<_> = (0..4)
            .map(|_| {
                let tx = tx.clone();
                spawn(move || {
                    for i in 0..1000 {
                        block_on(tx.send(i)).unwrap();
                    }
                })
            })
            .collect();
        drop(tx);
        let sum = block_on(async {
            let mut rx = std::pin::pin!(rx);
            let mut sum = 0;
            while let Some(i) = rx.next().await {
                sum += i;
            }
            sum
        });
        assert_eq!(sum, 4 * 999 * 1000 / 2);
        for s in senders {
            s.join().unwrap();
        }
    });
}

/// Futures that wait for several others at once, and timers of another reactor.
#[test]
fn races_and_timers() {
    runtime::run(|| {
        let begin = Instant::now();
        let winner = block_on(
            async {
                Timer::after(Duration::from_millis(20)).await;
                "timer"
            }
            .or(async {
                future::pending::<()>().await;
                "never"
            }),
        );
        assert_eq!(winner, "timer");
        assert!(begin.elapsed() >= Duration::from_millis(20));
        let (a, b) = block_on(future::zip(
            Timer::after(Duration::from_millis(5)),
            Timer::after(Duration::from_millis(1)),
        ));
        assert!(a >= b);
    });
}
