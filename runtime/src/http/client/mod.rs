//! [`Client`]: asking other servers, by ureq on this crate's sockets.

mod builder;
mod current;
mod hosts;
mod transport;

pub use builder::ClientBuilder;

use super::{Body, HeaderMap, Response, Uri};
use crate::context::Context;
use current::with_context;
use hosts::{Hosts, Place};
use std::fmt;
use std::io::{self, Read};
use std::sync::OnceLock;
use std::time::Duration;
use ureq::{Agent, AsSendBody, SendBody};

/// Asks servers (Go's `http.Client`). Clones share their connections.
///
/// It follows up to ten redirects, keeps connections for the next request to the same host, speaks
/// TLS with the roots of the web, and uses the proxies that the environment names. Every status is a
/// [`Response`], 404 too; an error means that there was no answer.
///
/// # Suspends
/// Sending, and reading the answer.
///
/// ```
/// use goroutines::http::{Client, Request, Server};
/// use std::time::Duration;
///
/// # let server = Server::new("127.0.0.1:0", |req: &Request| req.text());
/// # let addr = server.local_addr()?;
/// # goroutines::go!([server], { server.serve().unwrap() });
/// let client = Client::with_timeout(Duration::from_secs(5));
/// let answer = client.post(format!("http://{addr}/"), "text/plain", "hello")?;
/// assert_eq!(answer.status(), 200);
/// assert_eq!(answer.text()?, "hello");
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    hosts: Hosts,
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

impl Client {
    /// A client without a limit of time.
    pub fn new() -> Client {
        Self::builder().build()
    }

    /// A client that gives each request this much time, up to the last byte of the answer (Go's
    /// `Client.Timeout`).
    pub fn with_timeout(limit: Duration) -> Client {
        Self::builder().timeout(limit).build()
    }

    /// A client of your own making.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Asks for `url` (Go's `Get`).
    ///
    /// # Errors
    /// No connection, no answer in time, or none that is HTTP.
    ///
    /// # Suspends
    /// Until there is an answer.
    pub fn get(&self, url: impl AsRef<str>) -> io::Result<Response> {
        self.request("GET", url).send()
    }

    /// Asks for the head of an answer alone (Go's `Head`).
    ///
    /// # Errors
    /// As [`get`](Self::get).
    ///
    /// # Suspends
    /// Until there is an answer.
    pub fn head(&self, url: impl AsRef<str>) -> io::Result<Response> {
        self.request("HEAD", url).send()
    }

    /// Sends `body` to `url` (Go's `Post`).
    ///
    /// # Errors
    /// As [`get`](Self::get).
    ///
    /// # Suspends
    /// Until there is an answer.
    pub fn post(
        &self,
        url: impl AsRef<str>,
        content_type: &str,
        body: impl Into<Body>,
    ) -> io::Result<Response> {
        self.request("POST", url)
            .header("content-type", content_type)
            .body(body)
            .send()
    }

    /// A request of any kind, to be sent by [`ClientRequest::send`].
    pub fn request(&self, method: &str, url: impl AsRef<str>) -> ClientRequest {
        ClientRequest {
            client: self.clone(),
            builder: hyper::Request::builder().method(method).uri(url.as_ref()),
            body: Body::empty(),
            timeout: None,
            context: None,
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

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
    builder: hyper::http::request::Builder,
    body: Body,
    timeout: Option<Duration>,
    context: Option<Context>,
}

impl ClientRequest {
    /// Adds a header.
    pub fn header(mut self, name: &str, value: impl AsRef<str>) -> ClientRequest {
        self.builder = self.builder.header(name, value.as_ref());
        self
    }

    /// What to send.
    pub fn body(mut self, body: impl Into<Body>) -> ClientRequest {
        self.body = body.into();
        self
    }

    /// How long all of it may take, up to the last byte of the answer.
    pub fn timeout(mut self, limit: Duration) -> ClientRequest {
        self.timeout = Some(limit);
        self
    }

    /// Ends it when `ctx` is done, at whatever it is then, up to the last byte of the answer (Go's
    /// `NewRequestWithContext`).
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

    /// Sends it and waits for the head of the answer.
    ///
    /// # Errors
    /// `InvalidInput` for a malformed method, address or header; no connection, no answer in time
    /// (`TimedOut`), or none that is HTTP; the error of the [`context`](Self::context).
    ///
    /// # Suspends
    /// Until there is an answer.
    pub fn send(self) -> io::Result<Response> {
        let malformed = |e| io::Error::new(io::ErrorKind::InvalidInput, e);
        let mut builder = self.builder;
        let len = self.body.len();
        if let Some(len) = len.filter(|_| !self.body.is_empty()) {
            builder = builder.header("content-length", len);
        }
        let agent = &self.client.agent;
        let host = builder.uri_ref().and_then(Uri::authority);
        let ctx = self.context;
        let place = match host {
            Some(host) => Some(self.client.hosts.take_place(host.as_str(), ctx.as_ref())?),
            None => None,
        };
        let answer = if self.body.is_empty() {
            let request = builder.body(()).map_err(malformed)?;
            with_context(ctx.as_ref(), || run(agent, request, self.timeout))
        } else {
            let body = SendBody::from_owned_reader(self.body);
            let request = builder.body(body).map_err(malformed)?;
            with_context(ctx.as_ref(), || run(agent, request, self.timeout))
        };
        let (parts, body) = answer?.into_parts();
        let len = body.content_length();
        let body = AnswerBody {
            reader: body.into_reader(),
            ctx,
            _place: place,
        };
        let body = Body::of(body, len);
        let headers: HeaderMap = parts.headers;
        Ok(Response::from_parts(parts.status, headers, body))
    }
}

fn run(
    agent: &Agent,
    request: hyper::Request<impl AsSendBody>,
    timeout: Option<Duration>,
) -> io::Result<hyper::Response<ureq::Body>> {
    let request = agent.configure_request(request);
    let answer = agent.run(match timeout {
        Some(limit) => request.timeout_global(Some(limit)).build(),
        None => request.build(),
    });
    answer.map_err(to_io)
}

fn to_io(e: ureq::Error) -> io::Error {
    match e {
        ureq::Error::Timeout(_) => io::Error::new(io::ErrorKind::TimedOut, e),
        e => e.into_io(),
    }
}

/// The body of an answer. It is read to its very end, which gives the connection back; the place at
/// the host is free when it is dropped.
struct AnswerBody {
    reader: ureq::BodyReader<'static>,
    ctx: Option<Context>,
    _place: Option<Place>,
}

impl Read for AnswerBody {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        with_context(self.ctx.as_ref(), || {
            self.reader.read(buf).map_err(|e| match e.downcast() {
                Ok(e) => to_io(e),
                Err(e) => e,
            })
        })
    }
}

/// The client of the functions below.
fn default_client() -> &'static Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(Client::new)
}

/// Asks for `url`, with a client that all calls share (Go's `http.Get`).
///
/// # Errors
/// As [`Client::get`].
///
/// # Suspends
/// Until there is an answer.
///
/// ```no_run
/// let page = goroutines::http::get("https://www.rust-lang.org/")?.text()?;
/// assert!(page.contains("Rust"));
/// # std::io::Result::Ok(())
/// ```
pub fn get(url: impl AsRef<str>) -> io::Result<Response> {
    default_client().get(url)
}

/// Asks for the head of `url`'s answer alone (Go's `http.Head`).
///
/// # Errors
/// As [`Client::get`].
///
/// # Suspends
/// Until there is an answer.
pub fn head(url: impl AsRef<str>) -> io::Result<Response> {
    default_client().head(url)
}

/// Sends `body` to `url` (Go's `http.Post`).
///
/// # Errors
/// As [`Client::get`].
///
/// # Suspends
/// Until there is an answer.
pub fn post(
    url: impl AsRef<str>,
    content_type: &str,
    body: impl Into<Body>,
) -> io::Result<Response> {
    default_client().post(url, content_type, body)
}
