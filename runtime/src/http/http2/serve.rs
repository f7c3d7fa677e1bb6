//! Serving a connection: its goroutine drives hyper, and starts two for each request.

use super::begin::Opened;
use super::handle;
use super::heads::Heads;
use super::multi::Multi;
use super::sending::Sending;
use super::stream::{Answering, Ending, Stream};
#[cfg(feature = "tls")]
use crate::http::encrypted::Encrypted;
use crate::http::line::{Line, Plain};
use crate::http::shared::{Config, Inner};
use crate::panic::recover;
use crate::sync::Mutex;
use hyper::body::Incoming;
use hyper::rt::{Executor, Read, Write};
use hyper::server::conn::http2;
use hyper::service::Service;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

/// Serves a connection until it ends.
pub(in crate::http) fn serve(
    server: &Arc<Inner>,
    opened: Box<Opened>,
    peer: SocketAddr,
    config: Config,
) {
    let write_timeout = Some(config.write_timeout).filter(|d| !d.is_zero());
    if opened.stream.set_write_timeout(write_timeout).is_err() {
        return;
    }
    let line = Line::new(opened.stream);
    line.writes_first();
    let multi = Multi::new(server, &line, peer, config);
    let Some(_registered) = server.register(multi.clone()) else {
        return;
    };
    multi.watch();
    let before = opened.before;
    #[cfg(feature = "tls")]
    let session = opened.session;
    // hyper has been known to panic at what peers send: that ends this connection only.
    let ended = recover(|| {
        #[cfg(feature = "tls")]
        if let Some(session) = session {
            let io = Encrypted::new(line.clone(), session.into());
            return run(&multi, &line, io);
        }
        run(&multi, &line, Plain::new(line.clone(), before));
    });
    line.close();
    multi.report(ended);
}

fn run(multi: &Arc<Multi>, line: &Arc<Line>, io: impl Read + Write + Unpin) {
    let newest = Newest::default();
    let mut builder = http2::Builder::new(Tasks(newest.clone()));
    let most = u32::try_from(multi.config.max_header_bytes).unwrap_or(u32::MAX);
    builder
        .max_concurrent_streams(multi.config.max_streams)
        .max_header_list_size(most);
    let mut connection =
        pin!(builder.serve_connection(Heads::new(io, multi), Exchange(multi.clone(), newest)));
    let mut told = false;
    let all = poll_fn(|cx| {
        // The goroutine that sets it wakes this afterwards.
        if !told && multi.is_ending() {
            told = true;
            connection.as_mut().graceful_shutdown();
        }
        connection.as_mut().poll(cx)
    });
    // An error is the client's, or the requests that it concerns are told.
    let _ = line.run(all);
}

/// The request that hyper is just taking.
type Newest = Arc<Mutex<Option<Arc<Stream>>>>;

/// What hyper asks.
struct Exchange(Arc<Multi>, Newest);

impl Service<hyper::Request<Incoming>> for Exchange {
    type Response = hyper::Response<Sending<Ending>>;
    type Error = h2::Error;
    type Future = Answering;

    fn call(&self, request: hyper::Request<Incoming>) -> Answering {
        let stream = Stream::new(&self.0);
        *self.1.lock() = Some(stream.clone());
        handle::start(&stream, request);
        stream.answering()
    }
}

/// Each of hyper's futures gets a goroutine.
#[derive(Clone)]
struct Tasks(Newest);

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Tasks {
    fn execute(&self, future: F) {
        // hyper has just asked for an answer, and this is what waits for it and sends it.
        let stream = self.0.lock().take();
        crate::go!(move || match stream {
            Some(stream) => {
                let ended = recover(|| stream.run(future));
                stream.multi.report(ended);
            }
            None => crate::block_on::block_on(future),
        });
    }
}
