//! One request and its answer on one connection, and again on another connection if the first was dead.

use super::Shared;
use super::again::read_again;
use super::answer::{AnswerBody, Limit, Way};
use super::hosts::Place;
use super::link::Link;
use super::pool::Key;
use super::sending::{Gate, SendBody};
use super::target::Target;
use crate::context::Context;
use crate::http::wait::check;
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

/// A request that the server has not even begun with is sent again, six times.
const MAX_REFUSALS: u64 = (1 << 6) - 1;

/// How long a body waits for the server's "continue"; as Go's `DefaultTransport`.
const CONTINUE: Duration = Duration::from_secs(1);

impl Shared {
    /// A connection for a request, and whether it has been used before.
    fn link(&self, target: &Target, key: &Key, ctx: Option<&Context>) -> io::Result<(Link, bool)> {
        if let Some(link) = self.pool.take(key) {
            return Ok((link, true));
        }
        let large = self.pool.expects_large(key);
        let link = self.dialer.dial(target, large, ctx)?;
        #[cfg(feature = "http2")]
        if let Link::Shared(link) = link {
            let (link, used) = self.pool.share(key, link);
            return Ok((Link::Shared(link), used));
        }
        Ok((link, false))
    }
}

/// What the server has said about one of many requests by a connection.
#[cfg_attr(not(feature = "http2"), allow(dead_code))]
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    /// It has done nothing about it.
    Refused,
    /// It has broken off the answer.
    Reset,
    Nothing,
}

#[cfg(feature = "http2")]
fn said(e: &hyper::Error) -> Said {
    let mut source = std::error::Error::source(e);
    while let Some(e) = source {
        if let Some(e) = e.downcast_ref::<h2::Error>() {
            let going = e.is_go_away() && e.is_remote();
            return match e.reason() {
                Some(h2::Reason::REFUSED_STREAM) => Said::Refused,
                Some(h2::Reason::NO_ERROR) if going => Said::Refused,
                _ if e.is_reset() => Said::Reset,
                _ => Said::Nothing,
            };
        }
        source = e.source();
    }
    Said::Nothing
}

#[cfg(not(feature = "http2"))]
fn said(_: &hyper::Error) -> Said {
    Said::Nothing
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
        let mut refusals = 0;
        loop {
            check(limit.ctx())?;
            let (mut link, used) = shared.link(target, &key, limit.ctx())?;
            let sent = sending.sent();
            let mut request = self.request(target, sending, link.is_shared())?;
            self.expect(&mut request);
            let mut asked = link.ask(request, limit.ctx())?;
            let mut sent = sent;
            if let Err(e) = &asked
                && e.error().is_some_and(hyper::Error::is_parse_too_large)
                && let Some((again, answer)) = read_again(&mut link, self.method, limit.ctx())?
            {
                shared.pool.expect_large(&key);
                (link, asked) = (again, answer);
                // Nothing else can be asked by this one.
                sent = Arc::default();
            }
            let mut e = match asked {
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
            // may be done twice, too.
            let unsent = e.take_unsent().filter(|_| used);
            let said = e.error().map_or(Said::Nothing, said);
            // An answer that cannot be read counts as one: the same would come again.
            let died = said == Said::Nothing && !e.error().is_some_and(hyper::Error::is_parse);
            let refused = said == Said::Refused && refusals < MAX_REFUSALS;
            if refused {
                // At once, then more and more slowly.
                time::sleep(Duration::from_millis(10 * refusals));
                refusals = refusals * 2 + 1;
            }
            sending = match (unsent, again.take()) {
                (Some(request), body) => {
                    again = body;
                    request.into_body()
                }
                (None, Some(body)) if refused || died && used && self.is_idempotent() => {
                    again = body.again();
                    SendBody::new(body, gate())
                }
                _ => {
                    let e = e.into_io();
                    return Err(check(limit.ctx()).err().unwrap_or(e));
                }
            };
        }
    }

    fn request(
        &self,
        target: &Target,
        body: SendBody,
        shared: bool,
    ) -> io::Result<hyper::Request<SendBody>> {
        let mut headers = self.headers.clone();
        let uri = match shared {
            #[cfg(feature = "http2")]
            true => target.address_http2(self.url, &mut headers)?,
            _ => target.address_request(self.url, &mut headers)?,
        };
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
