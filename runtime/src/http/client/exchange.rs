//! One request and its answer on one connection, and again on another if the first was no good.

use super::Shared;
use super::answer::{AnswerBody, Limit, Way, to_io};
use super::hosts::Place;
use super::link::Link;
use super::pool::Key;
use super::sending::{Gate, SendBody};
use super::target::Target;
use super::wait::{check, wait};
use crate::context::Context;
use crate::http::{Body, HeaderMap, Method};
use crate::time;
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING};
use hyper::http::response::Parts;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// A request that may be sent several times.
pub(super) struct Outgoing<'a> {
    pub(super) method: &'a Method,
    pub(super) url: &'a Url,
    pub(super) headers: &'a HeaderMap,
}

/// How long a body waits for the server's "continue"; as Go's `DefaultTransport`.
const CONTINUE: Duration = Duration::from_secs(1);

impl Shared {
    fn dial(&self, target: &Target, key: &Key, ctx: Option<&Context>) -> io::Result<Link> {
        let large = self.pool.expects_large(key);
        self.dialer.dial(target, large, ctx)
    }
}

impl Outgoing<'_> {
    /// Sends it, and waits for the head of the answer.
    pub(super) fn send(
        &self,
        shared: &Shared,
        target: &Target,
        body: Body,
        limit: Limit,
        place: Place,
    ) -> io::Result<(Parts, AnswerBody)> {
        let key = target.key();
        let gate = || self.expects().then(Arc::<Gate>::default);
        let mut again = body.again();
        let mut sending = SendBody::new(body, gate());
        loop {
            check(limit.ctx())?;
            let (mut link, used) = match shared.pool.take(&key) {
                Some(link) => (link, true),
                None => (shared.dial(target, &key, limit.ctx())?, false),
            };
            let sent = sending.sent();
            let mut request = self.request(target, sending)?;
            self.expect(&mut request);
            let mut e = match wait(limit.ctx(), link.sender.try_send_request(request))? {
                Ok(answer) => {
                    let (parts, incoming): (Parts, Incoming) = answer.into_parts();
                    let way = Way {
                        link,
                        pool: shared.pool.clone(),
                        key,
                        sent,
                    };
                    return Ok((parts, AnswerBody::new(incoming, way, limit, place)));
                }
                Err(e) => e,
            };
            // The connection had been idle, and has ended meanwhile. What was not sent may be sent; what
            // may be done twice, too; so is what was answered with more fields than usual.
            let unsent = e.take_message().filter(|_| used);
            let too_large = e.error().is_parse_too_large() && shared.pool.expect_large(&key);
            sending = match (unsent, again.take()) {
                (Some(request), body) => {
                    again = body;
                    request.into_body()
                }
                (None, Some(body)) if (used || too_large) && self.is_idempotent() => {
                    again = body.again();
                    SendBody::new(body, gate())
                }
                _ => {
                    let e = to_io(e.into_error());
                    return Err(check(limit.ctx()).err().unwrap_or(e));
                }
            };
        }
    }

    fn request(&self, target: &Target, body: SendBody) -> io::Result<hyper::Request<SendBody>> {
        let mut headers = self.headers.clone();
        let uri = target.address_request(self.url, &mut headers)?;
        // They follow from the body.
        headers.remove(TRANSFER_ENCODING);
        headers.remove(CONTENT_LENGTH);
        let sends = [Method::POST, Method::PUT, Method::PATCH].contains(self.method);
        if sends && body.is_end_stream() {
            headers.insert(CONTENT_LENGTH, 0.into());
        }
        let mut request = hyper::Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
    }

    fn expects(&self) -> bool {
        let expected = self.headers.get(EXPECT);
        expected.is_some_and(|e| e.as_bytes().eq_ignore_ascii_case(b"100-continue"))
    }

    /// Lets the body go when the server says so, or nothing.
    fn expect(&self, request: &mut hyper::Request<SendBody>) {
        let Some(gate) = request.body().gate() else {
            return;
        };
        let opening = gate.clone();
        time::after_func(CONTINUE, move || opening.open());
        hyper::ext::on_informational(request, move |answer| {
            if answer.status() == 100 {
                gate.open();
            }
        });
    }

    /// May it be done twice? As Go's `isReplayable`.
    fn is_idempotent(&self) -> bool {
        let safe = [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE];
        safe.contains(self.method)
            || self.headers.contains_key("idempotency-key")
            || self.headers.contains_key("x-idempotency-key")
    }
}
