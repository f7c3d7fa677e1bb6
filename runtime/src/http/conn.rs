//! One connection of a server: its goroutine polls hyper, runs the handler, and waits.
//!
//! A request without a body is answered within the poll that has brought it. For one with a body the
//! handler must be able to poll hyper again, to get more of the body. So hyper's service only leaves
//! it in the [`Slot`] and is pending until the answer lies there; between two polls the goroutine runs
//! the handler.
//!
//! Either way the handler may block: the goroutine does nothing else.

use super::framing::{self, Asked};
use super::request::{Incoming, Request};
use super::server::Inner;
use super::wire::{Wire, WireIo, due_in};
use super::{AbortHandler, Body, Response, StatusCode};
use crate::net::TcpStream;
use crate::panic::recover;
use crate::sched::on_lent_stack;
use crate::sync::Mutex;
use hyper::body::Body as _;
use hyper::header::{CONNECTION, HeaderValue};
use hyper::http::{Method, Uri};
use hyper::server::conn::http1;
use hyper::service::Service;
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// Where request and answer pass between hyper and the goroutine.
#[derive(Default)]
struct Slot(std::sync::Mutex<Passing>);

#[derive(Default)]
struct Passing {
    request: Option<hyper::Request<Incoming>>,
    answer: Option<hyper::Response<Body>>,
    /// A request has been answered; says whether its body was read to its end.
    answered: Option<bool>,
    /// The request that is being answered, for reports.
    asked: Option<(Method, Uri)>,
}

impl Slot {
    fn with<R>(&self, f: impl FnOnce(&mut Passing) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What hyper asks.
struct Exchange(Weak<Conn>);

impl Service<hyper::Request<Incoming>> for Exchange {
    type Response = hyper::Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn call(&self, request: hyper::Request<Incoming>) -> Answer {
        let conn = self.0.upgrade().expect("it is being polled");
        if request.body().is_end_stream() {
            return Answer::Now(Some(conn.answer(request)));
        }
        conn.slot.with(|p| p.request = Some(request));
        Answer::Later(self.0.clone())
    }
}

enum Answer {
    Now(Option<hyper::Response<Body>>),
    /// It will be in the slot.
    Later(Weak<Conn>),
}

impl Future for Answer {
    type Output = Result<hyper::Response<Body>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = match &mut *self {
            Answer::Now(answer) => answer.take(),
            Answer::Later(conn) => conn
                .upgrade()
                .and_then(|conn| conn.slot.with(|p| p.answer.take())),
        };
        answer.map_or(Poll::Pending, |answer| Poll::Ready(Ok(answer)))
    }
}

/// A connection, shared with the request that is being handled.
pub(super) struct Conn {
    pub(super) wire: Arc<Wire>,
    pub(super) server: Arc<Inner>,
    slot: Slot,
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
        Arc::new_cyclic(|conn| Conn {
            driver: Mutex::new(
                http1::Builder::new()
                    .header_read_timeout(None)
                    .half_close(true)
                    .max_header_size(config.max_header_bytes)
                    .serve_connection(WireIo(wire.clone()), Exchange(conn.clone())),
            ),
            waker: wire.clone().into(),
            wire,
            server: server.clone(),
            slot: Slot::default(),
            body_timeout: config.read_timeout,
        })
    }

    fn poll(&self) -> Step {
        let mut driver = self.driver.lock();
        loop {
            let mut cx = Context::from_waker(&self.waker);
            // An error has been answered, as far as it can be, or there is nobody to answer to.
            if let Poll::Ready(result) = Pin::new(&mut *driver).poll(&mut cx) {
                drop(driver);
                if let Err(e) = result
                    && e.is_user()
                {
                    let source = std::error::Error::source(&e);
                    self.report(source.map_or(&e as &dyn fmt::Display, |e| e));
                }
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

    /// Runs the handler.
    fn answer(self: &Arc<Self>, request: hyper::Request<Incoming>) -> hyper::Response<Body> {
        self.wire.request_begins();
        let asked = (request.method().clone(), request.uri().clone());
        let version = request.version();
        self.slot.with(|p| p.asked = Some(asked.clone()));
        let request = Request::of_connection(request, self);
        let mut response = if request.lacks_host() {
            Response::error(StatusCode::BAD_REQUEST, "missing required Host header")
        } else {
            self.server.handler.serve_http(&request)
        };
        let (all_read, context) = request.finish();
        self.slot.with(|p| p.answered = Some(all_read));
        let asked = Asked {
            method: &asked.0,
            version,
        };
        if let Some(head) = framing::take_interim(&mut response, &asked) {
            // hyper has sent all that is before it. An error shows again at the answer.
            let _ = (&self.wire.stream).write_all(&head);
        }
        if let Some(complaint) = framing::frame(&mut response, &asked) {
            self.report(&complaint);
        }
        let mut answer = response.into_hyper(context);
        if self.server.is_ending() {
            let close = HeaderValue::from_static("close");
            answer.headers_mut().insert(CONNECTION, close);
        }
        answer
    }

    /// Tells the operator what went wrong with the request that is being answered.
    fn report(&self, what: &dyn fmt::Display) {
        let peer = self.wire.peer;
        let asked = self.slot.with(|p| p.asked.clone());
        match asked {
            Some((method, uri)) => {
                let path = uri.path();
                self.server
                    .log(&format!("http: serving {peer}: {method} {path}: {what}"));
            }
            None => self.server.log(&format!("http: serving {peer}: {what}")),
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
    /// The handler has panicked, or what it had returned.
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

/// Answers the requests that are there. A panic of the handler ends the connection only; so does one
/// of the reader that it has returned, and hyper's about a wrong `content-length`.
fn turn(conn: &Arc<Conn>) -> Turn {
    recover(|| answer_all(conn)).unwrap_or_else(|panic| {
        if let Err(panic) = panic.downcast::<AbortHandler>() {
            conn.report(&format_args!("panic: {}", panic.text()));
        }
        Turn::Broken
    })
}

fn answer_all(conn: &Arc<Conn>) -> Turn {
    loop {
        let step = conn.poll();
        let (request, answered) = conn.slot.with(|p| match step {
            Step::Request => (p.request.take(), None),
            Step::Wait | Step::Done => (None, p.answered.take()),
        });
        match step {
            Step::Wait => return Turn::Wait(answered.is_some()),
            Step::Done => return Turn::Done(answered.unwrap_or(true)),
            Step::Request => {
                let answer = request.map(|request| conn.answer(request));
                conn.slot.with(|p| p.answer = answer);
            }
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
