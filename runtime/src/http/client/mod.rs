//! [`Client`]: asking other servers, by hyper on this crate's sockets.
//!
//! | file | what |
//! | --- | --- |
//! | [`request`] | a request as the user makes it, and the redirects that follow |
//! | [`exchange`] | one request and its answer, again if a kept connection was dead |
//! | [`pool`], [`hosts`] | the connections that are kept; how many requests at once |
//! | [`target`], [`proxies`], [`dial`], [`socks`], [`tls`] | where a URL leads; getting there |
//! | [`link`], [`shared_link`], [`door`] | a connection, from the side of the requests; one of HTTP/2 |
//! | [`heard`], [`room`] | whether such a connection lives, and how many requests it takes |
//! | [`again`] | hyper on a connection of HTTP/1.1, and again at an answer with very many fields |
//! | [`sending`], [`answer`], [`packed`] | the bodies |
//!
//! hyper-util's pooled client was looked at: its errors do not tell whether a connection had been used
//! before, which is what decides if a request may be sent again, and it brings tokio's sockets along. Its
//! matcher of proxies is used.

mod again;
mod answer;
mod builder;
mod dial;
mod door;
mod exchange;
#[cfg(feature = "http2")]
mod heard;
mod hosts;
mod link;
mod packed;
mod pool;
mod proxies;
mod redirect;
mod request;
#[cfg(feature = "http2")]
mod room;
mod sending;
#[cfg(feature = "http2")]
mod shared_link;
mod socks;
mod target;
#[cfg(feature = "tls")]
mod tls;
mod to_io;

pub use builder::ClientBuilder;
pub use request::ClientRequest;

use super::{Body, Response};
use dial::Dialer;
use hosts::Hosts;
use pool::Pool;
use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Asks servers (Go's `http.Client`). Clones share their connections.
///
/// It follows up to ten redirects as Go's does, keeps connections for the next request to the same host,
/// and sends a request again, if it may be done twice, on a connection that had died meanwhile. Answers are
/// read while the request's body is still being sent. It uses the proxies that the environment names.
/// Every status is a [`Response`], 404 too; an error means that there was no answer.
///
/// | feature | gives |
/// | --- | --- |
/// | `tls` | `https`, by rustls with the roots of the web; the program chooses rustls' provider |
/// | `tls-ring` | the same with ring as the provider, unless the program has installed one |
/// | `http2` | HTTP/2, where the server offers it by ALPN: requests share a connection, up to what the server takes |
/// | `cookies` | a [`CookieJar`](super::CookieJar), by [`cookie_jar`](ClientBuilder::cookie_jar) |
/// | `gzip`, `br`, `zstd` | answers that come compressed, if the request has no `accept-encoding` of its own |
///
/// `zstd` builds the C library of that name, and needs a C compiler. If a request runs out of time or is cancelled on
/// a connection of HTTP/2 on which nothing has come for a second or longer, that connection gets no more requests: it
/// may be dead.
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
pub struct Client(Arc<Shared>);

/// What the clones of a client share.
struct Shared {
    pool: Arc<Pool>,
    hosts: Hosts,
    dialer: Dialer,
    config: ClientBuilder,
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
        ClientRequest::new(self.clone(), method, url.as_ref())
    }

    /// Closes the connections that wait for a request (Go's `CloseIdleConnections`).
    pub fn close_idle(&self) {
        self.0.pool.clear();
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
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
