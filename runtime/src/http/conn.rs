//! One connection of a server: its goroutine polls hyper, runs the handler, and waits.
//!
//! A request without a body is answered within the poll that has brought it. For one with a body the
//! handler must be able to poll hyper again, to get more of the body. So hyper's service only leaves
//! it in the [`Slot`] and is pending until the answer lies there; between two polls the goroutine runs
//! the handler.
//!
//! Either way the handler may block: the goroutine does nothing else.

use super::framing::{self, Asked};
use super::refuse;
use super::request::{Incoming, Request};
use super::server::{Config, Inner};
use super::socket::Socket;
use super::wire::{Sending, Wire, WireIo, due_in};
use super::{AbortHandler, StatusCode};
use crate::panic::recover;
use crate::sched::on_lent_stack;
use crate::sync::Mutex;
use crate::with_stack::with_stack;
use hyper::body::{Body as _, Bytes};
use hyper::header::{CONNECTION, EXPECT, HeaderValue};
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
    answer: Option<hyper::Response<Sending>>,
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
    type Response = hyper::Response<Sending>;
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
    Now(Option<hyper::Response<Sending>>),
    /// It will be in the slot.
    Later(Weak<Conn>),
}

impl Future for Answer {
    type Output = Result<hyper::Response<Sending>, Infallible>;

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
    /// Always there but for a moment when it is replaced.
    driver: Mutex<Option<Driver>>,
    waker: Waker,
    config: Config,
}

type Driver = http1::Connection<WireIo, Exchange>;

/// How large a head may be: hyper pays for the number of fields at every request, so few are allowed
/// until a request has more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Heads {
    Ordinary,
    Large,
}

/// As many fields as a head may have.
const MAX_FIELDS: usize = 10_000;

fn drive(conn: &Weak<Conn>, io: WireIo, config: Config, heads: Heads) -> Driver {
    let mut builder = http1::Builder::new();
    builder
        .header_read_timeout(None)
        .half_close(true)
        .max_header_size(config.max_header_bytes);
    if heads == Heads::Large {
        // The least that hyper takes.
        const LEAST: usize = 8192;
        builder.max_headers(MAX_FIELDS);
        builder.max_buf_size(config.max_header_bytes.saturating_add(LEAST));
    }
    builder.serve_connection(io, Exchange(conn.clone()))
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
    fn new(server: &Arc<Inner>, wire: &Arc<Wire>, config: Config) -> Arc<Conn> {
        Arc::new_cyclic(|conn| Conn {
            driver: Mutex::new(Some(drive(
                conn,
                WireIo::new(wire, Bytes::new()),
                config,
                Heads::Ordinary,
            ))),
            waker: wire.clone().into(),
            wire: wire.clone(),
            server: server.clone(),
            slot: Slot::default(),
            config,
        })
    }

    fn poll(self: &Arc<Self>) -> Step {
        let mut driver = self.driver.lock();
        let mut heads = Heads::Ordinary;
        loop {
            let mut cx = Context::from_waker(&self.waker);
            let polled = match &mut *driver {
                Some(driver) => Pin::new(driver).poll(&mut cx),
                None => return Step::Done,
            };
            if let Poll::Ready(result) = polled {
                let refused = self.wire.take_refused();
                let ended = driver.take().map(Driver::into_parts);
                let (Some(status), Some(ended)) = (refused, ended) else {
                    drop(driver);
                    self.ended(result);
                    return Step::Done;
                };
                let too_large = status == StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
                if too_large && heads == Heads::Ordinary {
                    // It stands at the beginning of the head. Again, with more room.
                    heads = Heads::Large;
                    let io = WireIo::new(&self.wire, ended.read_buf);
                    *driver = Some(drive(&Arc::downgrade(self), io, self.config, heads));
                    continue;
                }
                let answer = refuse::unparsed(&ended.read_buf, status, &format!("{result:?}"));
                let _ = (&self.wire.stream).write_all(&answer);
                let _ = self.wire.stream.end_writing();
                self.slot.with(|p| p.answered = Some(false));
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

    /// The connection's end, which may be the fault of what the handler has returned.
    fn ended(&self, result: hyper::Result<()>) {
        if let Err(e) = result
            && e.is_user()
        {
            let source = std::error::Error::source(&e);
            self.report(source.map_or(&e as &dyn fmt::Display, |e| e));
        }
    }

    /// Lets more of the request's body come in: called by the handler, through the body. Waits
    /// first, if the last poll brought nothing.
    pub(super) fn read_more(self: &Arc<Self>, wait: bool) -> io::Result<()> {
        if wait {
            self.wire.wait(self.config.read_timeout)?;
        }
        match self.poll() {
            Step::Wait => Ok(()),
            Step::Done | Step::Request => Err(io::ErrorKind::ConnectionReset.into()),
        }
    }

    /// Runs the handler.
    fn answer(self: &Arc<Self>, request: hyper::Request<Incoming>) -> hyper::Response<Sending> {
        self.wire.request_begins();
        let asked = (request.method().clone(), request.uri().clone());
        let version = request.version();
        let expects = request.headers().contains_key(EXPECT);
        self.slot.with(|p| p.asked = Some(asked.clone()));
        let request = Request::of_connection(request, self);
        let mut response = match refuse::refusal(request.parts()) {
            Some(refusal) => refusal,
            None => self.server.handler.serve_http(&request),
        };
        if let Some(e) = response.take_error() {
            self.report(&format_args!("{}: {e}", response.status()));
        }
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
        if !all_read && expects {
            // Whether the client sends its body now, nobody knows.
            let close = HeaderValue::from_static("close");
            answer.headers_mut().insert(CONNECTION, close);
        }
        if self.server.is_ending() {
            let close = HeaderValue::from_static("close");
            answer.headers_mut().insert(CONNECTION, close);
        }
        answer.map(|body| Sending::new(body, &self.wire))
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
        if let Some(driver) = &mut *self.driver.lock() {
            Pin::new(driver).graceful_shutdown();
        }
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
pub(super) fn serve(server: &Arc<Inner>, socket: Socket, peer: SocketAddr) {
    let config = server.config();
    let write_timeout = Some(config.write_timeout).filter(|d| !d.is_zero());
    if socket.set_write_timeout(write_timeout).is_err() {
        return;
    }
    let wire = &Wire::new(socket, peer);
    let conn = on_lent_stack(|| Conn::new(server, wire, config));
    let Some(_registered) = server.register(wire) else {
        return;
    };
    let mut head_due = None;
    loop {
        let turned = on_lent_stack(|| match config.stack_size {
            0 => turn(&conn),
            bytes => with_stack(bytes, || turn(&conn)),
        });
        match turned {
            Turn::Done(true) | Turn::Broken => return,
            Turn::Done(false) => return linger(&wire.stream),
            Turn::Wait(true) => head_due = None,
            Turn::Wait(false) => {}
        }
        if wire.has_input() {
            // A part of a head: all of it must come within one time.
            let due = *head_due.get_or_insert_with(|| due_in(config.read_header_timeout));
            if wire.wait_head(due, || server.is_ending()).is_err() {
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
fn linger(mut stream: &Socket) {
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
