//! [`ClientBuilder`]: what a client can be told.

use super::dial::Dialer;
use super::hosts::Hosts;
use super::pool::Pool;
use super::proxies::Proxies;
#[cfg(feature = "tls")]
use super::tls;
use super::{Client, Shared};
#[cfg(feature = "cookies")]
use crate::http::CookieJar;
#[cfg(feature = "tls")]
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Makes a [`Client`] (the fields of Go's `http.Client` and `http.Transport`).
///
/// ```
/// use goroutines::http::Client;
/// use std::time::Duration;
///
/// let client = Client::builder()
///     .timeout(Duration::from_secs(10))
///     .max_redirects(3)
///     .max_conns_per_host(8)
///     .build();
/// ```
#[must_use = "a builder does nothing until it builds"]
#[derive(Clone, Debug)]
pub struct ClientBuilder {
    pub(super) timeout: Option<Duration>,
    pub(super) redirects: Option<u32>,
    pub(super) user_agent: String,
    pub(super) proxies: Proxies,
    #[cfg(feature = "cookies")]
    pub(super) cookie_jar: Option<CookieJar>,
    max_idle_per_host: usize,
    idle_timeout: Option<Duration>,
    max_conns_per_host: Option<usize>,
    #[cfg(feature = "tls")]
    tls: Option<Arc<rustls::ClientConfig>>,
    #[cfg(feature = "http2")]
    unencrypted_http2: bool,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        ClientBuilder {
            timeout: None,
            redirects: Some(10),
            user_agent: concat!("goroutines/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxies: Proxies::Environment,
            #[cfg(feature = "cookies")]
            cookie_jar: None,
            max_idle_per_host: 16,
            idle_timeout: Some(Duration::from_secs(90)),
            max_conns_per_host: None,
            #[cfg(feature = "tls")]
            tls: None,
            #[cfg(feature = "http2")]
            unencrypted_http2: false,
        }
    }
}

impl ClientBuilder {
    /// How long each request may take, up to the last byte of its answer; not limited unless set.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// How many redirects are followed, 10 unless set. One more is an error.
    pub fn max_redirects(mut self, limit: u32) -> Self {
        self.redirects = Some(limit);
        self
    }

    /// Follows no redirect: it is the answer (Go's `ErrUseLastResponse`).
    pub fn no_redirects(mut self) -> Self {
        self.redirects = None;
        self
    }

    /// What requests say of themselves, unless they have a `user-agent`; empty: nothing.
    pub fn user_agent(mut self, text: impl Into<String>) -> Self {
        self.user_agent = text.into();
        self
    }

    /// Keeps the cookies that servers set, and sends them (Go's `Client.Jar`); it keeps none unless it has a
    /// jar. For the feature `cookies`.
    #[cfg(feature = "cookies")]
    pub fn cookie_jar(mut self, jar: &CookieJar) -> Self {
        self.cookie_jar = Some(jar.clone());
        self
    }

    /// How many connections to a host are kept for later requests, 16 unless set.
    pub fn max_idle_per_host(mut self, limit: usize) -> Self {
        self.max_idle_per_host = limit;
        self
    }

    /// How long a connection is kept without a request, 90 s unless set; zero: for ever.
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.idle_timeout = Some(limit).filter(|limit| !limit.is_zero());
        self
    }

    /// How many requests to a host may be under way at once, from sending until the answer's body is
    /// dropped; further ones wait in `send` (Go's `MaxConnsPerHost`). Not limited unless set.
    ///
    /// # Panics
    /// If it is 0.
    pub fn max_conns_per_host(mut self, limit: usize) -> Self {
        assert_ne!(limit, 0, "http: no connection is allowed");
        self.max_conns_per_host = Some(limit);
        self
    }

    /// Sends everything by this proxy, `http://host:port` or `socks5://name:password@host:port`, instead of
    /// those that the environment names. One that is malformed is an error of each request (`InvalidInput`).
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxies = Proxies::One(url.into());
        self
    }

    /// Uses no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.proxies = Proxies::None;
        self
    }

    /// Trusts the servers that these certificates vouch for, given as PEM, instead of those that the
    /// web trusts. For the feature `tls`.
    ///
    /// # Errors
    /// `InvalidData` if there is none, or what is there is not PEM; `Unsupported` if rustls has no provider.
    #[cfg(feature = "tls")]
    pub fn root_certificates(mut self, pem: &[u8]) -> io::Result<Self> {
        self.tls = Some(tls::config_of_pem(pem)?);
        Ok(self)
    }

    /// TLS of your own making, with certificates to show for instance. HTTP/2 is spoken if the protocols
    /// it offers (ALPN) have it. For the feature `tls`.
    #[cfg(feature = "tls")]
    pub fn tls_config(mut self, config: impl Into<Arc<rustls::ClientConfig>>) -> Self {
        self.tls = Some(config.into());
        self
    }

    /// Speaks HTTP/2 without TLS to all servers that are asked by `http`: they must know it ("prior
    /// knowledge"). With a proxy that the request itself is sent to it is HTTP/1.1. For the feature `http2`.
    #[cfg(feature = "http2")]
    pub fn unencrypted_http2(mut self) -> Self {
        self.unencrypted_http2 = true;
        self
    }

    /// The client.
    pub fn build(self) -> Client {
        let dialer = Dialer {
            #[cfg(feature = "tls")]
            tls: self.tls.clone(),
            #[cfg(feature = "http2")]
            unencrypted_http2: self.unencrypted_http2,
        };
        Client(Arc::new(Shared {
            pool: Pool::new(self.max_idle_per_host, self.idle_timeout),
            hosts: Hosts::new(self.max_conns_per_host),
            dialer,
            config: self,
        }))
    }
}
