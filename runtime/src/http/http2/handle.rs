//! A request's handler, in a goroutine of its own.

use super::multi::Multi;
use super::sending::Sending;
use super::stream::Stream;
use crate::http::framing::{self, Asked};
use crate::http::refuse::{self, Fields};
use crate::http::request::Request;
use crate::http::{AbortHandler, HeaderMap, StatusCode};
use crate::panic::{Panic, recover};
use crate::with_stack::with_stack;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, COOKIE, HOST, HeaderValue};
use hyper::http::{Method, Uri, Version};
use std::fmt;
use std::sync::Arc;

/// Starts it; the answer goes to `stream`.
pub(super) fn start(stream: &Arc<Stream>, request: hyper::Request<Incoming>) {
    if !stream.multi.handler_begins() {
        stream.give(Err(h2::Reason::REFUSED_STREAM.into()));
        return;
    }
    let stream = stream.clone();
    crate::go!(move || {
        let run = || handle(&stream, request);
        match stream.multi.config.stack_size {
            0 => run(),
            bytes => with_stack(bytes, run),
        }
    });
}

/// A goroutine that runs a handler, or the reader that it has returned.
struct Running<'a>(&'a Multi);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.handler_ends();
    }
}

fn handle(stream: &Arc<Stream>, mut request: hyper::Request<Incoming>) {
    let multi = &stream.multi;
    let _running = Running(multi);
    as_in_http1(&mut request);
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let report = |what: &dyn fmt::Display| {
        let asked = Some((&method, &uri));
        multi.server.report(multi.peer, asked, what);
    };
    let panicked = |panic: Panic| {
        if let Err(panic) = panic.downcast::<AbortHandler>() {
            report(&format_args!("panic: {}", panic.text()));
        }
    };
    let answered = recover(|| answer(stream, request, &report));
    match answered {
        Err(panic) => {
            stream.give(Err(h2::Reason::INTERNAL_ERROR.into()));
            panicked(panic);
        }
        Ok(answer) => {
            let (parts, body) = answer.into_parts();
            let (sending, reading) = Sending::new(body);
            stream.give(Ok(hyper::Response::from_parts(parts, sending)));
            let Some(mut reading) = reading else {
                return;
            };
            // The reader is the user's, and so is its destructor.
            let run = recover(|| reading.run());
            let end = recover(|| reading.end());
            for panic in [run, end].into_iter().filter_map(Result::err) {
                reading.fail();
                panicked(panic);
            }
        }
    }
}

/// Handlers see the same by either version (as Go's): a path, and a Host.
fn as_in_http1(request: &mut hyper::Request<Incoming>) {
    join_cookies(request.headers_mut());
    if request.method() == Method::CONNECT {
        return;
    }
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    let authority = parts.authority.take();
    parts.scheme = None;
    // What there was had a path, or it is `*`.
    *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
    if let Some(authority) = authority
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        request.headers_mut().insert(HOST, host);
    }
}

/// A client may cut its cookies into several fields, which are one elsewhere (RFC 9113, 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let all: Vec<_> = headers.get_all(COOKIE).iter().collect();
    if all.len() > 1 {
        let bytes: Vec<_> = all.iter().map(|value| value.as_bytes()).collect();
        // Parts that may be in a value may be there together.
        if let Ok(joined) = HeaderValue::from_bytes(&bytes.join(&b"; "[..])) {
            headers.insert(COOKIE, joined);
        }
    }
}

/// Runs the handler.
fn answer(
    stream: &Arc<Stream>,
    request: hyper::Request<Incoming>,
    report: &dyn Fn(&dyn fmt::Display),
) -> hyper::Response<crate::http::Body> {
    let mut request = Request::of_connection(request, stream.clone());
    let fields = Fields::of(request.headers());
    let mut response = match refuse::refusal(request.parts(), &fields) {
        Some(refusal) => refusal,
        None => stream.multi.server.handler.serve_http(&request),
    };
    if let Some(e) = response.take_error() {
        report(&format_args!("{}: {e}", response.status()));
    }
    let (method, _, handled) = request.handled();
    let still = handled.finish().still;
    if response.take_takeover().is_some() {
        report(&"http: HTTP/2 has no connection to take over");
        response = StatusCode::BAD_REQUEST.into();
    }
    let closes = response.headers().get(CONNECTION);
    if closes.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close")) {
        stream.multi.last_streams();
    }
    let asked = Asked {
        method,
        version: Version::HTTP_2,
    };
    // hyper cannot send one here; nor can a handler have the tunnel that it would open.
    let _ = framing::take_interim(&mut response, &asked);
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        report(&"http: HTTP/2 has no 101");
        response = StatusCode::INTERNAL_SERVER_ERROR.into();
    }
    if *method == Method::CONNECT && response.status().is_success() {
        report(&"http: HTTP/2 has no tunnels here");
        response = StatusCode::NOT_IMPLEMENTED.into();
    }
    if let Some(complaint) = framing::frame(&mut response, &asked) {
        report(&complaint);
    }
    response.body().answering(still);
    response.into_hyper(|body| body)
}
