//! [`ClientRequest`]: a request as the user makes it, and the redirects that follow.

use super::Client;
use super::answer::{AnswerBody, Limit};
use super::exchange::Outgoing;
use super::packed;
use super::redirect;
use super::target::Target;
use crate::context::Context;
use crate::http::{Body, HeaderMap, HeaderName, HeaderValue, Method, Response, trailers};
use base64::prelude::{BASE64_STANDARD, Engine};
use hyper::header;
use std::io;
use std::time::{Duration, Instant};
use url::Url;

/// A request on its way to be sent: made by [`Client::request`].
///
/// ```
/// use goroutines::http::{Client, Request, Server};
///
/// # let server = Server::new("127.0.0.1:0", |r: &Request| r.header("x-token").map(str::to_owned));
/// # let addr = server.local_addr()?;
/// # goroutines::go!([server], { server.serve().unwrap() });
/// let url = format!("http://{addr}/");
/// let answer = Client::new().request("PUT", url).header("x-token", "7").body("new").send()?;
/// assert_eq!(answer.text()?, "7");
/// # std::io::Result::Ok(())
/// ```
#[must_use = "a request does nothing until it is sent"]
#[derive(Debug)]
pub struct ClientRequest {
    client: Client,
    method: String,
    url: String,
    headers: HeaderMap,
    /// A header that cannot be one.
    malformed: Option<String>,
    body: Body,
    timeout: Option<Duration>,
    context: Option<Context>,
}

impl ClientRequest {
    pub(super) fn new(client: Client, method: &str, url: &str) -> ClientRequest {
        ClientRequest {
            client,
            method: method.to_owned(),
            url: url.to_owned(),
            headers: HeaderMap::new(),
            malformed: None,
            body: Body::empty(),
            timeout: None,
            context: None,
        }
    }

    /// Adds a header. One that is malformed is an error of [`send`](Self::send).
    pub fn header(mut self, name: &str, value: impl AsRef<str>) -> ClientRequest {
        let value = value.as_ref();
        match (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            (Ok(name), Ok(value)) => {
                self.headers.append(name, value);
            }
            (Err(_), _) => self.malformed = Some(format!("http: invalid header name {name:?}")),
            // The value may be a secret.
            _ => self.malformed = Some(format!("http: invalid value of header {name:?}")),
        }
        self
    }

    /// Name and password, for the server (Go's `SetBasicAuth`).
    pub fn basic_auth(self, name: &str, password: &str) -> ClientRequest {
        self.header("authorization", basic(name, password))
    }

    /// What to send.
    pub fn body(mut self, body: impl Into<Body>) -> ClientRequest {
        let trailers = self.body.take_trailers();
        self.body = body.into();
        if trailers.is_some() {
            self.body = self.body.trailed(trailers);
        }
        self
    }

    /// Trailers: fields that come after the body, of these names; `make` gives them when all of the body has
    /// been read (Go's `Request.Trailer`). By HTTP/1.1 the body goes in chunks then. Such a request is not sent
    /// again.
    ///
    /// # Panics
    /// `http: invalid header name`, if one is that.
    pub fn trailers(
        mut self,
        names: &[&str],
        make: impl FnOnce() -> HeaderMap + Send + 'static,
    ) -> ClientRequest {
        trailers::announce(&mut self.headers, names);
        self.body = self.body.with_trailers(make);
        self
    }

    /// How long all of it may take, up to the last byte of the answer.
    pub fn timeout(mut self, limit: Duration) -> ClientRequest {
        self.timeout = Some(limit);
        self
    }

    /// Ends the request when `ctx` is done, whatever stage it has reached, up to the last byte of
    /// the answer (Go's `NewRequestWithContext`).
    ///
    /// ```
    /// use goroutines::context;
    /// use goroutines::http::Client;
    ///
    /// let (ctx, cancel) = context::with_cancel(&context::background());
    /// cancel();
    /// let answer = Client::new().request("GET", "http://127.0.0.1/").context(&ctx).send();
    /// assert_eq!(answer.unwrap_err().to_string(), "context canceled");
    /// ```
    pub fn context(mut self, ctx: &Context) -> ClientRequest {
        self.context = Some(ctx.clone());
        self
    }

    /// Sends it and waits for the head of the answer, while the body may still be on its way. A body that
    /// is a reader is read by another goroutine, which ends when the reader does.
    ///
    /// # Errors
    /// `InvalidInput` for a malformed method, address or header; no connection, no answer in time
    /// (`TimedOut`), or none that is HTTP; too many redirects; the error of the
    /// [`context`](Self::context).
    ///
    /// # Suspends
    /// Until there is an answer.
    pub fn send(mut self) -> io::Result<Response> {
        let invalid = |text: String| io::Error::new(io::ErrorKind::InvalidInput, text);
        if let Some(text) = self.malformed.take() {
            return Err(invalid(text));
        }
        let mut method = Method::from_bytes(self.method.as_bytes())
            .map_err(|_| invalid(format!("http: invalid method {:?}", self.method)))?;
        let mut url =
            Url::parse(&self.url).map_err(|e| invalid(format!("http: {:?}: {e}", self.url)))?;
        let unpacks = self.prepare(&url, &method);
        let client = self.client.clone();
        let config = &client.0.config;
        let timeout = self.timeout.or(config.timeout);
        let due = timeout.and_then(|limit| Instant::now().checked_add(limit));
        let first = url.clone();
        let mut body = std::mem::take(&mut self.body);
        let mut followed = 0;
        loop {
            let again = body.again();
            let limit = Limit::new(self.context.clone(), due);
            let (parts, rest) = self.exchange(&method, &url, body, limit)?;
            let most = config.redirects;
            let next = match most {
                Some(_) => {
                    let can = again.is_some();
                    redirect::next(parts.status, &parts.headers, &url, &method, can)?
                }
                None => None,
            };
            let Some(next) = next else {
                let has_none = method == Method::HEAD;
                return Ok(answer(parts, rest, unpacks, has_none));
            };
            followed += 1;
            if let Some(most) = most.filter(|&most| followed > most) {
                let text = format!("http: stopped after {most} redirects");
                return Err(io::Error::other(text));
            }
            redirect::change_headers(&mut self.headers, &first, &url, &next);
            body = match again {
                Some(again) if next.with_body => again,
                _ => Body::empty(),
            };
            (url, method) = (next.url, next.method);
        }
    }

    /// Adds the headers that every request has. Says whether an answer may come compressed without
    /// the user's knowing.
    fn prepare(&mut self, url: &Url, method: &Method) -> bool {
        let agent = &self.client.0.config.user_agent;
        if !self.headers.contains_key(header::USER_AGENT)
            && !agent.is_empty()
            && let Ok(agent) = HeaderValue::from_str(agent)
        {
            self.headers.insert(header::USER_AGENT, agent);
        }
        if !self.headers.contains_key(header::AUTHORIZATION)
            && (!url.username().is_empty() || url.password().is_some())
        {
            let decode = crate::http::path::percent_decode;
            let (name, password) = (decode(url.username()), decode(url.password().unwrap_or("")));
            if let Ok(value) = HeaderValue::from_str(&basic(&name, &password)) {
                self.headers.insert(header::AUTHORIZATION, value);
            }
        }
        let plain = !self.headers.contains_key(header::ACCEPT_ENCODING)
            && !self.headers.contains_key(header::RANGE)
            && method != Method::HEAD;
        let unpacks = plain && !packed::ACCEPTED.is_empty();
        if unpacks {
            let value = HeaderValue::from_static(packed::ACCEPTED);
            self.headers.insert(header::ACCEPT_ENCODING, value);
        }
        unpacks
    }

    fn exchange(
        &mut self,
        method: &Method,
        url: &Url,
        body: Body,
        limit: Limit,
    ) -> io::Result<(hyper::http::response::Parts, AnswerBody)> {
        let shared = self.client.0.clone();
        let shared = &*shared;
        let target = Target::of(url, &shared.config.proxies)?;
        let place = shared.hosts.take_place(&target.authority(), limit.ctx())?;
        #[cfg(feature = "cookies")]
        let jar = shared.config.cookie_jar.as_ref();
        #[cfg(feature = "cookies")]
        let added = jar.and_then(|jar| jar.added_to(&self.headers, url));
        #[cfg(not(feature = "cookies"))]
        let added: Option<HeaderMap> = None;
        let outgoing = Outgoing {
            method,
            url,
            headers: added.as_ref().unwrap_or(&self.headers),
        };
        let answer = outgoing.send(shared, &target, body, limit, place)?;
        #[cfg(feature = "cookies")]
        if let Some(jar) = jar {
            jar.take(url, &answer.0.headers, &mut self.headers);
        }
        Ok(answer)
    }

    #[cfg(feature = "cookies")]
    pub(in crate::http) fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }
}

/// The answer as the user gets it.
fn answer(
    mut parts: hyper::http::response::Parts,
    body: AnswerBody,
    unpacks: bool,
    has_none: bool,
) -> Response {
    let (len, came) = (body.len(), body.came());
    let coding = parts.headers.get(header::CONTENT_ENCODING);
    // An empty body was not compressed: the answer to a HEAD, a 304.
    let body = match coding.filter(|_| unpacks && len != Some(0)) {
        _ if has_none => Body::empty(),
        Some(coding) => match packed::unpack(coding, body) {
            Ok(unpacked) => {
                parts.headers.remove(header::CONTENT_ENCODING);
                parts.headers.remove(header::CONTENT_LENGTH);
                unpacked
            }
            Err(body) => Body::of(body, len),
        },
        None => Body::of(body, len),
    };
    Response::from_parts(parts.status, parts.headers, body.with_came(came))
}

/// What a header says about name and password.
fn basic(name: &str, password: &str) -> String {
    format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("{name}:{password}"))
    )
}
