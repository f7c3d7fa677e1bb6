//! One connection of a server: its goroutine polls hyper, runs the handler, and waits.
//!
//! hyper's service does not call the handler: it puts the request into a [`Slot`] and is pending
//! until the answer lies there. So between two polls the goroutine can run the handler on its own
//! stack, which may block, and which may poll hyper again to get more of the request's body.

use super::request::{Incoming, Request};
use super::server::Inner;
use super::wire::{Wire, WireIo, due_in};
use super::{AbortHandler, Body};
use crate::net::TcpStream;
use crate::sched::lent::on_lent_stack;
use crate::sched::panic::recover;
use crate::sync::Mutex;
use hyper::server::conn::http1;
use hyper::service::Service;
use std::convert::Infallible;
use std::future::Future;
use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// Where request and answer pass between hyper and the goroutine.
#[derive(Default)]
struct Slot(std::sync::Mutex<Passing>);

#[derive(Default)]
struct Passing {
    request: Option<hyper::Request<Incoming>>,
    answer: Option<hyper::Response<Body>>,
}

impl Slot {
    fn with<R>(&self, f: impl FnOnce(&mut Passing) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// hyper's side of the slot.
struct Exchange(Arc<Slot>);

impl Service<hyper::Request<Incoming>> for Exchange {
    type Response = hyper::Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn call(&self, request: hyper::Request<Incoming>) -> Answer {
        self.0.with(|p| p.request = Some(request));
        Answer(self.0.clone())
    }
}

struct Answer(Arc<Slot>);

impl Future for Answer {
    type Output = Result<hyper::Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.0.with(|p| p.answer.take()) {
            Some(answer) => Poll::Ready(Ok(answer)),
            None => Poll::Pending,
        }
    }
}

/// A connection, shared with the request that is being handled.
pub(super) struct Conn {
    pub(super) wire: Arc<Wire>,
    pub(super) server: Arc<Inner>,
    slot: Arc<Slot>,
    driver: Mutex<http1::Connection<WireIo, Exchange>>,
    waker: Waker,
    body_timeout: Duration,
}

/// What a poll has come to.
enum Step {
    /// A request lies in the slot.
    Request,
    /// Nothing to do before there is more input.
    Wait,
    /// The connection has ended.
    Done,
}

impl Conn {
    fn new(server: &Arc<Inner>, stream: TcpStream, peer: SocketAddr) -> Arc<Conn> {
        let config = server.config();
        let wire = Wire::new(stream, peer);
        let slot = Arc::new(Slot::default());
        let driver = http1::Builder::new()
            .header_read_timeout(None)
            .max_header_size(config.max_header_bytes)
            .serve_connection(WireIo(wire.clone()), Exchange(slot.clone()));
        Arc::new(Conn {
            waker: wire.clone().into(),
            wire,
            server: server.clone(),
            slot,
            driver: Mutex::new(driver),
            body_timeout: config.read_timeout,
        })
    }

    fn poll(&self) -> Step {
        let mut driver = self.driver.lock();
        loop {
            let mut cx = Context::from_waker(&self.waker);
            // An error has been answered, as far as it can be, or there is nobody to answer to.
            if Pin::new(&mut *driver).poll(&mut cx).is_ready() {
                return Step::Done;
            }
            if self.slot.with(|p| p.request.is_some()) {
                return Step::Request;
            }
            if !self.wire.take_again() {
                return Step::Wait;
            }
        }
    }

    /// Lets more of the request's body come in: called by the handler, through the body. Waits
    /// first, if the last poll brought nothing.
    pub(super) fn read_more(&self, wait: bool) -> io::Result<()> {
        if wait {
            self.wire.wait(self.body_timeout)?;
        }
        match self.poll() {
            Step::Wait => Ok(()),
            Step::Done | Step::Request => Err(io::ErrorKind::ConnectionReset.into()),
        }
    }

    /// No request after the one that is being handled, and none at all if none is.
    fn last_request(&self) {
        Pin::new(&mut *self.driver.lock()).graceful_shutdown();
    }

    pub(super) fn waker(&self) -> &Waker {
        &self.waker
    }
}

/// How a turn has ended.
enum Turn {
    /// Nothing to do before there is more input; says whether a request was answered.
    Wait(bool),
    /// The connection has ended in good order; says whether the last body was read to its end.
    Done(bool),
    /// The handler has panicked.
    Broken,
}

/// Serves one connection until it ends.
///
/// Only the waiting happens on the goroutine's own stack, of which it needs very little. Parsing
/// and the handler run on a stack that all connections share; it is warm, where a thousand own ones
/// would be cold.
pub(super) fn serve(server: &Arc<Inner>, stream: TcpStream, peer: SocketAddr) {
    let config = server.config();
    let write_timeout = Some(config.write_timeout).filter(|d| !d.is_zero());
    if stream.set_write_timeout(write_timeout).is_err() {
        return;
    }
    let conn = on_lent_stack(|| Conn::new(server, stream, peer));
    let Some(_registered) = server.register(&conn.wire) else {
        return;
    };
    let wire = &conn.wire;
    let mut head_due = None;
    loop {
        match on_lent_stack(|| turn(&conn)) {
            Turn::Done(true) | Turn::Broken => return,
            Turn::Done(false) => return linger(&wire.stream),
            Turn::Wait(true) => head_due = None,
            Turn::Wait(false) => {}
        }
        if wire.has_input() {
            // A part of a head: all of it must come within one time.
            let due = *head_due.get_or_insert_with(|| due_in(config.read_header_timeout));
            if wire.wait_until(due).is_err() {
                return;
            }
            continue;
        }
        match wire.wait_idle(config.idle_timeout, || server.is_ending()) {
            Ok(true) => {}
            Ok(false) => conn.last_request(),
            Err(_) => return,
        }
    }
}

/// Answers the requests that are there.
fn turn(conn: &Arc<Conn>) -> Turn {
    let mut answered = None;
    loop {
        match conn.poll() {
            Step::Wait => return Turn::Wait(answered.is_some()),
            Step::Done => return Turn::Done(answered.unwrap_or(true)),
            Step::Request => {
                conn.wire.request_begins();
                answered = answer(conn);
                if answered.is_none() {
                    return Turn::Broken;
                }
                if conn.server.is_ending() {
                    conn.last_request();
                }
            }
        }
    }
}

/// Runs the handler and passes its answer on; `None` if it panicked. Says whether the request's
/// body was read to its end.
fn answer(conn: &Arc<Conn>) -> Option<bool> {
    let request = conn.slot.with(|p| p.request.take())?;
    let request = Request::of_connection(request, conn);
    let result = recover(|| conn.server.handler.serve_http(&request));
    let all_read = request.finish();
    match result {
        Ok(response) => {
            let answer = response.into_hyper();
            conn.slot.with(|p| p.answer = Some(answer));
            Some(all_read)
        }
        Err(panic) => {
            if let Err(panic) = panic.downcast::<AbortHandler>() {
                let peer = conn.wire.peer;
                eprintln!("http: panic serving {peer}: {}", panic.message());
            }
            None
        }
    }
}

/// Reads and forgets for a moment what the peer still sends: closing with unread data would reset
/// the connection, and the answer could be lost on its way.
fn linger(mut stream: &TcpStream) {
    const AT_MOST: Duration = Duration::from_millis(500);
    let _ = stream.set_read_deadline(Instant::now() + AT_MOST);
    let mut buf = [0; 1024];
    let mut left = 256 << 10;
    while left > 0 {
        match stream.read(&mut buf) {
            Ok(n) if n > 0 => left -= n.min(left),
            _ => break,
        }
    }
}
