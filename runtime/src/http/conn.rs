//! One connection of a server: its goroutine polls hyper, runs the handler, and waits.
//!
//! A request without a body is answered within the poll that has brought it. For one with a body the
//! handler must be able to poll hyper again, to get more of the body. So hyper's service only leaves
//! it in the [`Slot`] and is pending until the answer lies there; between two polls the goroutine runs
//! the handler.
//!
//! Either way the handler may block: the goroutine does nothing else.

use super::StatusCode;
use super::asked::{AtEnd, LastAsked};
use super::framing::{self, Asked};
use super::refuse::{self, Fields};
use super::request::{Incoming, Origin, Request};
use super::shared::{Config, Inner};
use super::upgraded::Takeover;
use super::way::{Way, Ways};
use super::wire::{Sending, Wire, WireIo};
use crate::context;
use crate::sched::nanotime;
use crate::sync::Mutex;
use hyper::body::{Body as _, Bytes, Frame};
use hyper::header::{CONNECTION, HeaderValue};
use hyper::http::{Method, Version};
use hyper::server::conn::http1;
use hyper::service::Service;
use std::cell::Cell;
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

/// Where request and answer pass between hyper and the goroutine.
#[derive(Default)]
struct Slot(std::sync::Mutex<Passing>);

#[derive(Default)]
struct Passing {
    request: Option<hyper::Request<Incoming>>,
    answer: Option<hyper::Response<Sending>>,
    /// The function that gets the connection at its end, and what has been read for it.
    takeover: Option<Box<Takeover>>,
    rest: Bytes,
}

impl Slot {
    fn with<R>(&self, f: impl FnOnce(&mut Passing) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What hyper asks.
pub(super) struct Exchange {
    conn: Arc<Conn>,
    /// A request's reference to the connection, between two of them.
    origin: Spare,
}

/// Each request takes it, and gives it back.
type Spare = Cell<Option<Arc<dyn Origin>>>;

impl Service<hyper::Request<Incoming>> for Exchange {
    type Response = hyper::Response<Sending>;
    type Error = Infallible;
    type Future = Answer;

    fn call(&self, request: hyper::Request<Incoming>) -> Answer {
        if request.body().is_end_stream() {
            return self.conn.answer(request, &self.origin);
        }
        self.conn.slot.with(|p| p.request = Some(request));
        self.conn.has_request.store(true, Ordering::Relaxed);
        Answer::Later(self.conn.clone())
    }
}

pub(super) enum Answer {
    Now(Option<hyper::Response<Sending>>),
    /// It will be in the slot.
    Later(Arc<Conn>),
}

impl Future for Answer {
    type Output = Result<hyper::Response<Sending>, Infallible>;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Self::Output> {
        // The answer is large, and moved once here.
        match &mut *self {
            Answer::Now(answer) => match answer.take() {
                Some(answer) => Poll::Ready(Ok(answer)),
                None => Poll::Pending,
            },
            Answer::Later(conn) => Self::from_slot(conn),
        }
    }
}

impl Answer {
    #[cold]
    #[inline(never)]
    fn from_slot(conn: &Conn) -> Poll<Result<hyper::Response<Sending>, Infallible>> {
        match conn.slot.with(|p| p.answer.take()) {
            Some(answer) => Poll::Ready(Ok(answer)),
            None => Poll::Pending,
        }
    }
}

/// A connection, shared with the request that is being handled.
pub(super) struct Conn {
    wire: Arc<Wire>,
    server: Arc<Inner>,
    slot: Slot,
    /// A request lies in the slot. (Relaxed: set and asked for by who has the driver; taken back by who has just polled.)
    has_request: AtomicBool,
    /// A request has been [`answered`]. (Relaxed, likewise.)
    answered: AtomicU8,
    asked: LastAsked,
    /// The driver, while a handler runs that may read more of the body.
    lent: Mutex<Driver>,
    waker: Waker,
    ways: Ways,
    config: Config,
}

/// Has a request been answered, and was its body read to its end?
mod answered {
    pub(super) const NONE: u8 = 0;
    pub(super) const READ: u8 = 1;
    pub(super) const UNREAD: u8 = 2;
}

/// hyper's connection; `None` when that has ended, and while another has it. The connection's goroutine owns it, and lends
/// it to the handler of a request with a body. It refers to the [`Conn`], which so does not keep it.
pub(super) type Driver = Option<Box<http1::Connection<WireIo, Exchange>>>;

/// How large a head may be: hyper pays for the number of fields at every request, so few are allowed
/// until a request has more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Heads {
    Ordinary,
    Large,
}

/// As many fields as a head may have.
const MAX_FIELDS: usize = 10_000;

fn drive(exchange: Exchange, io: WireIo, config: &Config, heads: Heads) -> Driver {
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
    Some(Box::new(builder.serve_connection(io, exchange)))
}

/// No request after the one that is being handled, and none at all if none is.
pub(super) fn last_request(driver: &mut Driver) {
    if let Some(driver) = driver {
        Pin::new(&mut **driver).graceful_shutdown();
    }
}

/// The result of a poll.
pub(super) enum Step {
    /// A request lies in the slot.
    Request,
    /// Nothing to do before there is more input.
    Wait,
    /// The connection has ended.
    Done,
}

impl Conn {
    /// `before`: what has been read already.
    pub(super) fn new(
        server: &Arc<Inner>,
        wire: &Arc<Wire>,
        config: Config,
        before: Bytes,
    ) -> (Arc<Conn>, Driver) {
        let way = server.usual.way();
        let conn = Arc::new(Conn {
            lent: Mutex::default(),
            ways: Ways::new(way),
            waker: wire.clone().into(),
            wire: wire.clone(),
            server: server.clone(),
            slot: Slot::default(),
            has_request: AtomicBool::new(false),
            answered: AtomicU8::new(answered::NONE),
            asked: LastAsked::default(),
            config,
        });
        let exchange = Exchange {
            conn: conn.clone(),
            origin: Cell::new(Some(conn.clone())),
        };
        let io = WireIo::new(wire, before, way);
        let driver = drive(exchange, io, &conn.config, Heads::Ordinary);
        (conn, driver)
    }

    pub(super) fn poll(&self, driver: &mut Driver) -> Step {
        let mut heads = Heads::Ordinary;
        loop {
            let mut cx = Context::from_waker(&self.waker);
            let polled = match driver {
                Some(driver) => Pin::new(driver).poll(&mut cx),
                None => return Step::Done,
            };
            if let Poll::Ready(result) = polled {
                let refused = self.wire.take_refused();
                let Some(ended) = driver.take().map(|driver| driver.into_parts()) else {
                    return Step::Done;
                };
                let taken = ended.read_buf.len();
                let rest = ended.io.unread(ended.read_buf);
                // hyper answers nothing to one that speaks HTTP/2.
                let is_http2 = || rest.starts_with(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
                if refused.is_none() && result.is_err() && is_http2() {
                    let status = StatusCode::BAD_REQUEST;
                    let _ = (&self.wire.stream).write_all(&refuse::unparsed(&[], status, ""));
                    let _ = self.wire.stream.end_writing();
                    self.answered.store(answered::UNREAD, Ordering::Relaxed);
                    return Step::Done;
                }
                let Some(mut status) = refused else {
                    self.slot.with(|p| p.rest = rest);
                    self.ended(result);
                    return Step::Done;
                };
                let too_large = status == StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
                if too_large && !self.wire.came.head_is_left(taken) {
                    // It may be a length that hyper cannot count: then what is left is no head.
                    if self.wire.came.has_uncountable() {
                        status = StatusCode::BAD_REQUEST;
                    }
                } else if too_large && heads == Heads::Ordinary {
                    // It stands at the beginning of the head. Again, with more room.
                    heads = Heads::Large;
                    let io = WireIo::new(&self.wire, rest, self.ways.way());
                    *driver = drive(ended.service, io, &self.config, heads);
                    continue;
                }
                let answer = refuse::unparsed(&rest, status, &format!("{result:?}"));
                let _ = (&self.wire.stream).write_all(&answer);
                let _ = self.wire.stream.end_writing();
                self.answered.store(answered::UNREAD, Ordering::Relaxed);
                return Step::Done;
            }
            if self.has_request.load(Ordering::Relaxed) {
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

    /// Answers the request that lies in the slot.
    pub(super) fn answer_next(self: &Arc<Self>, driver: &mut Driver) {
        self.has_request.store(false, Ordering::Relaxed);
        let Some(request) = self.slot.with(|p| p.request.take()) else {
            return;
        };
        *self.lent.lock() = driver.take();
        let back = AtEnd(|| *driver = self.lent.lock().take());
        let answer = self.answer(request, &Cell::new(Some(self.clone())));
        drop(back);
        if let Answer::Now(answer) = answer {
            self.slot.with(|p| p.answer = answer);
        }
    }

    /// The function that gets the connection, and what has been read for it.
    pub(super) fn take_takeover(&self) -> Option<(Box<Takeover>, Bytes)> {
        self.slot
            .with(|p| Some((p.takeover.take()?, std::mem::take(&mut p.rest))))
    }

    /// Has a request been answered since the last call? Says whether its body was read to its end.
    pub(super) fn take_answered(&self) -> Option<bool> {
        match self.answered.load(Ordering::Relaxed) {
            answered::NONE => None,
            last => {
                self.answered.store(answered::NONE, Ordering::Relaxed);
                Some(last == answered::READ)
            }
        }
    }

    /// Runs the handler.
    fn answer(self: &Arc<Self>, request: hyper::Request<Incoming>, spare: &Spare) -> Answer {
        self.wire.request_begins();
        let version = request.version();
        // It is not there if a handler has panicked.
        let origin = spare.take().unwrap_or_else(|| self.clone());
        let mut request = Request::of_connection(request, origin);
        let fields = Fields::of(request.headers());
        let expects = fields.expects();
        // The handler may panic, and what it has left to be reported.
        let panicking = AtEnd(|| self.asked.keep(request.method(), request.uri()));
        let mut response = match refuse::refusal(request.parts(), &fields) {
            Some(refusal) => refusal,
            None => self.server.handler.serve_http(&request),
        };
        if let Some(e) = response.take_error() {
            let asked = Some((request.method(), request.uri()));
            let status = response.status();
            self.server
                .report(self.wire.peer, asked, &format_args!("{status}: {e}"));
        }
        panicking.dismiss();
        let (method, uri, mut handled) = request.handled();
        // Unless nothing of the user's runs for it any more.
        let sending = AtEnd(|| self.asked.keep(method, uri));
        let takeover = response.take_takeover();
        if !expects && takeover.is_none() {
            handled.skim_body(|body| self.ready_frame(body));
        }
        let unclear = handled.body_ends_unclearly();
        let mut finished = handled.finish();
        let all_read = finished.all_read;
        spare.set(finished.origin.take());
        if all_read {
            self.wire.came.forget();
        }
        let taken = takeover.is_some() && all_read && version == Version::HTTP_11;
        if taken {
            self.wire
                .take_over(takeover.as_ref().is_some_and(|t| t.silent));
            self.slot.with(|p| p.takeover = takeover);
        } else if takeover.is_some() {
            response = StatusCode::BAD_REQUEST.into();
        }
        let asked = Asked { method, version };
        if let Some(head) = framing::take_interim(&mut response, &asked) {
            // hyper has sent all that is before it. An error shows again when the answer is sent.
            let _ = (&self.wire.stream).write_all(&head);
        }
        if let Some(complaint) = framing::frame(&mut response, &asked) {
            self.server
                .report(self.wire.peer, Some((method, uri)), &complaint);
        }
        // The server cannot know whether a client that was to wait sends its body now; nor what comes
        // after a body that did not end as it should, or after what a client takes for a tunnel.
        let lost =
            !all_read || unclear || *method == Method::CONNECT && !response.status().is_success();
        if !taken && (lost || self.server.is_ending()) {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        let answered = match all_read {
            true => answered::READ,
            false => answered::UNREAD,
        };
        self.answered.store(answered, Ordering::Relaxed);
        response.body().answering(finished.still.take());
        if !taken && response.body().is_plain() {
            // hyper's buffer, which the address lies in, is free for the next request.
            sending.dismiss();
            self.asked.forget();
        } else {
            drop(sending);
        }
        finished.give_room(response.headers_mut());
        let way = self.ways.answers(response.body().len());
        let sending = |body| Sending::new(body, way, &self.wire);
        Answer::Now(Some(response.into_hyper(sending)))
    }

    /// Nothing is to be done before there is more input, and no request is being handled.
    pub(super) fn rests(&self, driver: &mut Driver) {
        if let Some(way) = self.ways.change(&self.server.usual) {
            self.drive_anew(driver, way);
        }
    }

    /// What has come of the next request stays.
    #[cold]
    #[inline(never)]
    fn drive_anew(&self, driver: &mut Driver, way: Way) {
        if let Some(old) = driver.take().map(|driver| driver.into_parts()) {
            let io = WireIo::new(&self.wire, old.io.unread(old.read_buf), way);
            *driver = drive(old.service, io, &self.config, Heads::Ordinary);
        }
    }

    /// Tells the operator what went wrong with the request that is being answered.
    pub(super) fn report(&self, what: &dyn fmt::Display) {
        let asked = self.asked.get();
        let asked = asked.as_ref().map(|(method, uri)| (method, uri));
        self.server.report(self.wire.peer, asked, what);
    }
}

impl Conn {
    /// Lets more of the request's body come in. Waits first, if the last poll brought nothing.
    fn read_more(&self, wait: bool) -> io::Result<()> {
        if wait {
            self.wire.wait(self.config.read_timeout)?;
        }
        let mut driver = self.lent.lock().take();
        let step = self.poll(&mut driver);
        *self.lent.lock() = driver;
        match step {
            Step::Wait => Ok(()),
            Step::Done | Step::Request => Err(io::ErrorKind::ConnectionReset.into()),
        }
    }
}

impl Conn {
    /// The next part of a body, if it has come.
    fn ready_frame(&self, body: &mut Incoming) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let mut cx = Context::from_waker(&self.waker);
        match Pin::new(&mut *body).poll_frame(&mut cx) {
            Poll::Pending if self.read_more(false).is_ok() => Pin::new(body).poll_frame(&mut cx),
            polled => polled,
        }
    }
}

impl Origin for Conn {
    fn peer(&self) -> SocketAddr {
        self.wire.peer
    }

    fn context(&self) -> &context::Context {
        &self.server.context
    }

    fn next_frame(&self, body: &mut Incoming) -> io::Result<Option<hyper::Result<Frame<Bytes>>>> {
        // The connection was polled, and that brought nothing for us.
        let mut polled = false;
        loop {
            let mut cx = Context::from_waker(&self.waker);
            match Pin::new(&mut *body).poll_frame(&mut cx) {
                Poll::Ready(frame) => return Ok(frame),
                Poll::Pending => self.read_more(polled)?,
            }
            polled = true;
        }
    }

    fn end_wait(&self) {
        self.wire.stream.set_read_due(Some(nanotime()));
    }

    fn allow_waits(&self) {
        self.wire.stream.set_read_due(None);
    }

    fn wire(&self) -> Option<&Arc<Wire>> {
        Some(&self.wire)
    }
}
