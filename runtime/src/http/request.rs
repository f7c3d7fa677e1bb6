//! [`Request`]: what a handler answers.

mod body;
mod handled;
mod origin;
mod path_values;
mod watch;

use super::StatusCode;
use super::error::Fault;
use crate::context::{self, CancelFunc, Context};
use body::BodyState;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::{Method, Uri, Version};
use path_values::PathValues;
use std::fmt;
use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use watch::Watch;

pub use body::RequestBody;
pub(super) use hyper::body::Incoming;
pub(super) use origin::Origin;
pub(super) use watch::StillAnswering;

/// A request, as its handler sees it.
///
/// ```
/// use goroutines::http::{Handler, Request};
/// use std::io::Read;
///
/// /// Says how many lines were sent.
/// fn count(req: &Request) -> String {
///     let mut text = String::new();
///     req.body().read_to_string(&mut text).unwrap();
///     format!("{} {}: {} lines", req.method(), req.path(), text.lines().count())
/// }
///
/// // A handler can be tried without a server.
/// let req = Request::new("POST", "/upload").with_body("one\ntwo");
/// assert_eq!(count.serve_http(&req).text()?, "POST /upload: 2 lines");
/// # std::io::Result::Ok(())
/// ```
pub struct Request {
    parts: Parts,
    body: BodyState,
    path_values: PathValues,
    conn: Option<Arc<dyn Origin>>,
    context: OnceLock<(Context, CancelFunc)>,
    watch: OnceLock<Watch>,
    id: OnceLock<String>,
    /// It stands for another request, which watches the client.
    lent: bool,
}

/// How much [`Request::text`] and [`Request::bytes`] take unless told otherwise.
const BODY_LIMIT: u64 = 32 << 20;

impl Request {
    /// A request that no client has sent, to try a handler with (Go's `httptest.NewRequest`).
    ///
    /// # Panics
    /// If the method or the address is malformed.
    pub fn new(method: &str, uri: &str) -> Request {
        let request = hyper::Request::builder()
            .method(method)
            .uri(uri)
            .body(())
            .expect("http: invalid method or address");
        Self::of_parts(
            request.into_parts().0,
            BodyState::of_bytes(Vec::new()),
            None,
        )
    }

    /// The same with a body, for trying a handler.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Request {
        self.body = BodyState::of_bytes(body.into());
        self
    }

    /// The same with a header, for trying a handler.
    ///
    /// # Panics
    /// If name or value cannot be a header's.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Request {
        let name: HeaderName = name.parse().expect("http: invalid header name");
        let value = HeaderValue::from_str(value).expect("http: invalid header value");
        self.parts.headers.append(name, value);
        self
    }

    pub(super) fn of_connection(
        request: hyper::Request<Incoming>,
        conn: Arc<dyn Origin>,
    ) -> Request {
        let (parts, body) = request.into_parts();
        Self::of_parts(parts, BodyState::of_incoming(body), Some(conn))
    }

    fn of_parts(parts: Parts, body: BodyState, conn: Option<Arc<dyn Origin>>) -> Request {
        Request {
            parts,
            body,
            path_values: PathValues::default(),
            conn,
            context: OnceLock::new(),
            watch: OnceLock::new(),
            id: OnceLock::new(),
            lent: false,
        }
    }

    /// A request for another goroutine that stands for this one, with a context of its own. It has the
    /// body until [`take_back`](Self::take_back).
    pub(super) fn lend(&self, context: (Context, CancelFunc)) -> Request {
        let body = self.body.lend();
        let mut lent = Self::of_parts(self.parts.clone(), body, self.conn.clone());
        lent.path_values.push(self.path_values.all());
        lent.context = context.into();
        lent.id = self.id.clone();
        lent.lent = true;
        lent
    }

    /// Ends the reads of `lent`.
    pub(super) fn take_back(&self, lent: &Request) {
        self.body.take_back(&lent.body, self.conn.as_deref());
    }

    /// The name that [`request_id`](super::middleware::request_id) has given it; empty if that was not
    /// asked.
    pub fn id(&self) -> &str {
        self.id.get().map_or("", String::as_str)
    }

    pub(super) fn set_id(&self, id: String) {
        let _ = self.id.set(id);
    }

    /// `GET`, `POST`, ..
    pub fn method(&self) -> &Method {
        &self.parts.method
    }

    /// What was asked for, as the client has written it.
    pub fn uri(&self) -> &Uri {
        &self.parts.uri
    }

    /// The path, still percent-encoded, without the query.
    pub fn path(&self) -> &str {
        self.parts.uri.path()
    }

    /// The version of HTTP that the client speaks.
    pub fn version(&self) -> Version {
        self.parts.version
    }

    /// The host the client has asked, with the port if it gave one; empty if it gave none.
    pub fn host(&self) -> &str {
        match self.parts.uri.authority() {
            Some(a) => a.as_str(),
            None => self.header("host").unwrap_or(""),
        }
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// All headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// A header's value; the first, if there are several, and only if it is text in UTF-8.
    pub fn header(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.parts.headers.get(name)?.as_bytes()).ok()
    }

    /// The first value of `name` in the query, decoded.
    ///
    /// ```
    /// let req = goroutines::http::Request::new("GET", "/search?q=go+rust&lang=%C3%A9");
    /// assert_eq!(req.query("q").as_deref(), Some("go rust"));
    /// assert_eq!(req.query("lang").as_deref(), Some("é"));
    /// assert_eq!(req.query("none"), None);
    /// ```
    pub fn query(&self, name: &str) -> Option<String> {
        self.query_pairs()
            .find_map(|(key, value)| (key == name).then_some(value))
    }

    /// All names and values in the query, decoded.
    pub fn query_pairs(&self) -> impl Iterator<Item = (String, String)> + '_ {
        super::form::pairs(self.parts.uri.query().unwrap_or(""))
    }

    /// What `{name}` in the pattern of a [`Mux`](super::Mux) stood for, decoded; empty if the
    /// pattern had no such name (Go's `PathValue`).
    pub fn path_value(&self, name: &str) -> &str {
        self.path_values.get(name)
    }

    pub(super) fn add_path_values(&self, values: Vec<(String, String)>) {
        self.path_values.push(values);
    }

    /// The client's address; `0.0.0.0:0` by a Unix socket, whose ends have no such address.
    pub fn remote_addr(&self) -> SocketAddr {
        match &self.conn {
            Some(conn) => conn.peer(),
            None => (Ipv4Addr::LOCALHOST, 0).into(),
        }
    }

    /// The body, to be read as it comes in. All readers share it: what one has read is gone.
    pub fn body(&self) -> RequestBody<'_> {
        RequestBody::new(self)
    }

    /// Lets at most `limit` bytes of the body be read, here and by the next handler; more is an
    /// error that is answered by 413 (Go's `MaxBytesReader`).
    ///
    /// ```
    /// use goroutines::http::{self, Handler, Request};
    ///
    /// fn shout(req: &Request) -> http::Result<String> {
    ///     Ok(req.body_limit(8).text()?.to_uppercase())
    /// }
    ///
    /// let ask = |text: &str| shout.serve_http(&Request::new("POST", "/").with_body(text));
    /// assert_eq!(ask("12345678").status(), 200);
    /// assert_eq!(ask("123456789").status(), 413);
    /// ```
    pub fn body_limit(&self, limit: u64) -> &Request {
        self.body.set_limit(limit);
        self
    }

    /// Reads the whole body.
    ///
    /// # Errors
    /// The connection's; `FileTooLarge` beyond the [`body_limit`](Self::body_limit), which is 32 MiB here
    /// unless set.
    ///
    /// # Suspends
    /// Until all is there.
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        self.bytes_within(BODY_LIMIT)
    }

    /// Limits the body as [`bytes`](Self::bytes) does, unless another limit was set.
    #[cfg(feature = "multipart")]
    pub(super) fn limit_body_unless_set(&self) {
        if self.body.limit().is_none() {
            self.body.set_limit(BODY_LIMIT);
        }
    }

    /// Reads the whole body, `limit` bytes at most unless another limit was set.
    pub(super) fn bytes_within(&self, limit: u64) -> io::Result<Vec<u8>> {
        let limit = self.body.limit().unwrap_or(limit);
        let mut all = Vec::new();
        self.body()
            .take(limit.saturating_add(1))
            .read_to_end(&mut all)?;
        if all.len() as u64 > limit {
            return Err(body::too_large());
        }
        Ok(all)
    }

    /// Reads the whole body as text.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes); `InvalidData` if it is not UTF-8.
    ///
    /// # Suspends
    /// Until all is there.
    pub fn text(&self) -> io::Result<String> {
        String::from_utf8(self.bytes()?)
            .map_err(|e| Fault::new(StatusCode::BAD_REQUEST, e).into_io(io::ErrorKind::InvalidData))
    }

    /// What the client has sent after the body, once that has been read to its end (Go's `Request.Trailer`);
    /// empty before, and mostly after too. By HTTP/1.1 the connection ends after them.
    ///
    /// ```
    /// use goroutines::http::{self, Request};
    ///
    /// fn upload(req: &Request) -> http::Result<String> {
    ///     let len = req.bytes()?.len();
    ///     let sums = req.trailers();
    ///     let sum = sums.get("x-checksum").and_then(|sum| sum.to_str().ok());
    ///     Ok(format!("{len} bytes, checksum {}", sum.unwrap_or("not sent")))
    /// }
    /// # use goroutines::http::Handler;
    /// # let answer = upload.serve_http(&Request::new("PUT", "/").with_body("123"));
    /// # assert_eq!(answer.text()?, "3 bytes, checksum not sent");
    /// # std::io::Result::Ok(())
    /// ```
    pub fn trailers(&self) -> HeaderMap {
        self.body.trailers()
    }

    /// A context that is cancelled when the client goes away, and when the request has been answered:
    /// when the handler has returned and the reader that it may have returned has been read to its
    /// end (Go's `Request.Context`). While the request's body is not read to its end, the client's
    /// going shows as an error of reading.
    ///
    /// ```
    /// use goroutines::http::{Body, Request, Response};
    /// use goroutines::prelude::*;
    /// use std::io::Write;
    ///
    /// /// Sends a line every second until the client goes away.
    /// fn clock(req: &Request) -> Response {
    ///     let ctx = req.context();
    ///     let (reader, mut writer) = goroutines::io::pipe();
    ///     go!({
    ///         let second = time::Ticker::new(time::SECOND);
    ///         loop {
    ///             select! {
    ///                 <-ctx.done() => return,
    ///                 <-second.c() => if writer.write_all(b"tick\n").is_err() { return },
    ///             }
    ///         }
    ///     });
    ///     Response::new(Body::reader(reader))
    /// }
    /// ```
    pub fn context(&self) -> Context {
        let (ctx, _) = self.context.get_or_init(|| {
            let parent = match &self.conn {
                Some(conn) => conn.context().clone(),
                None => context::background(),
            };
            context::with_cancel(&parent)
        });
        self.watch_client();
        ctx.clone()
    }

    /// Watches whether the client goes away, if the handler wants to know and the body does not use
    /// the connection any more.
    fn watch_client(&self) {
        if let Some(conn) = &self.conn
            && let Some((_, cancel)) = self.context.get()
            && !self.lent
            && self.body.is_read()
            && let Some(wire) = conn.wire()
        {
            self.watch.get_or_init(|| Watch::start(wire, cancel));
        }
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        if let Some((_, cancel)) = self.context.get() {
            cancel();
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", self.method())
            .field("uri", self.uri())
            .field("headers", self.headers())
            .finish_non_exhaustive()
    }
}
