//! [`ClientBuilder`]: what a client can be told.

use super::Client;
use super::hosts::Hosts;
use super::transport::{NetConnector, NetResolver};
use std::io;
use std::time::Duration;
use ureq::Agent;
use ureq::config::Config;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::transport::{ConnectProxyConnector, Connector, RustlsConnector};

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
    timeout: Option<Duration>,
    max_redirects: u32,
    max_idle_per_host: usize,
    max_conns_per_host: Option<usize>,
    roots: Option<RootCerts>,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        ClientBuilder {
            timeout: None,
            max_redirects: 10,
            max_idle_per_host: 16,
            max_conns_per_host: None,
            roots: None,
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
        self.max_redirects = limit;
        self
    }

    /// How many connections to a host are kept for later requests, 16 unless set.
    pub fn max_idle_per_host(mut self, limit: usize) -> Self {
        self.max_idle_per_host = limit;
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

    /// Trusts the servers that these certificates vouch for, given as PEM, instead of those that the
    /// web trusts.
    ///
    /// # Errors
    /// `InvalidData` if there is none, or what is there is not PEM.
    pub fn root_certificates(mut self, pem: &[u8]) -> io::Result<Self> {
        let mut roots = Vec::new();
        for item in parse_pem(pem) {
            let item = item.map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
            if let PemItem::Certificate(certificate) = item {
                roots.push(certificate);
            }
        }
        if roots.is_empty() {
            let none = "http: no certificate in the PEM data";
            return Err(io::Error::new(io::ErrorKind::InvalidData, none));
        }
        self.roots = Some(RootCerts::new_with_certs(&roots));
        Ok(self)
    }

    /// The client.
    pub fn build(self) -> Client {
        let mut tls = TlsConfig::builder();
        if let Some(roots) = self.roots {
            tls = tls.root_certs(roots);
        }
        let config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(self.max_redirects)
            .max_redirects_will_error(true)
            .max_idle_connections_per_host(self.max_idle_per_host)
            .max_idle_connections(self.max_idle_per_host.saturating_mul(16))
            .allow_non_standard_methods(true)
            .timeout_global(self.timeout)
            .tls_config(tls.build())
            .user_agent(concat!("goroutines/", env!("CARGO_PKG_VERSION")))
            .build();
        let connector =
            ().chain(ConnectProxyConnector::default())
                .chain(NetConnector)
                .chain(RustlsConnector::default());
        Client {
            agent: Agent::with_parts(config, connector, NetResolver::default()),
            hosts: Hosts::new(self.max_conns_per_host),
        }
    }
}
