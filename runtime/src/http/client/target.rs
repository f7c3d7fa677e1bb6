//! [`Target`]: where a URL leads, and by which proxy.

use super::pool::Key;
use super::proxies::Proxies;
use super::socks::Socks;
use crate::http::{HeaderMap, HeaderValue, Uri};
use hyper::header::{HOST, PROXY_AUTHORIZATION};
use hyper_util::client::proxy::matcher::Intercept;
use std::io;
use url::Url;

/// The end of a connection.
pub(super) struct Target {
    https: bool,
    host: String,
    port: u16,
    proxy: Option<Intercept>,
}

impl Target {
    pub(super) fn of(url: &Url, proxies: &Proxies) -> io::Result<Target> {
        let invalid = |text: String| io::Error::new(io::ErrorKind::InvalidInput, text);
        let https = match url.scheme() {
            "http" => false,
            "https" => true,
            other => {
                return Err(invalid(format!(
                    "http: unsupported protocol scheme {other:?}"
                )));
            }
        };
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err(invalid("http: no Host in request URL".into()));
        };
        let proxy = proxies.find(https, host, port)?;
        if let Some(scheme) = proxy.as_ref().and_then(|p| p.uri().scheme_str())
            && !["http", "socks5", "socks5h"].contains(&scheme)
        {
            return Err(invalid(format!(
                "http: unsupported scheme {scheme:?} of a proxy"
            )));
        }
        Ok(Target {
            https,
            host: host.to_owned(),
            port,
            proxy,
        })
    }

    pub(super) fn is_https(&self) -> bool {
        self.https
    }

    /// The proxy, if it is to be asked for a connection by SOCKS.
    pub(super) fn socks(&self) -> Option<Socks<'_>> {
        let proxy = self.proxy.as_ref().filter(|proxy| is_socks(proxy))?;
        Some(Socks {
            host: self.host(),
            port: self.port,
            auth: proxy.raw_auth(),
        })
    }

    /// The proxy, if it gets the request itself.
    pub(super) fn forwarder(&self) -> Option<&Intercept> {
        let proxy = self.proxy.as_ref()?;
        (!self.https && !is_socks(proxy)).then_some(proxy)
    }

    /// The name, or the address without brackets.
    pub(super) fn host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    /// Host and port.
    pub(super) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// What to connect to.
    pub(super) fn address(&self) -> String {
        match &self.proxy {
            None => self.authority(),
            Some(proxy) => {
                let (host, port) = (proxy.uri().host(), proxy.uri().port_u16());
                let usual = if is_socks(proxy) { 1080 } else { 80 };
                format!("{}:{}", host.unwrap_or_default(), port.unwrap_or(usual))
            }
        }
    }

    /// Connections with the same key lead to the same.
    pub(super) fn key(&self) -> Key {
        let scheme = if self.https { "https" } else { "http" };
        match (self.forwarder(), &self.proxy) {
            // A proxy without a tunnel is one for all hosts.
            (Some(proxy), _) => format!("http by {}", proxy.uri()).into(),
            (None, None) => format!("{scheme} {}:{}", self.host, self.port).into(),
            (None, Some(proxy)) => {
                format!("{scheme} {}:{} by {}", self.host, self.port, proxy.uri()).into()
            }
        }
    }

    /// What opens a tunnel, if one is needed.
    pub(super) fn tunnel(&self) -> Option<Vec<u8>> {
        let proxy = self.proxy.as_ref()?;
        if !self.https || is_socks(proxy) {
            return None;
        }
        let authority = self.authority();
        let mut head =
            format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n").into_bytes();
        if let Some(auth) = proxy.basic_auth() {
            head.extend_from_slice(b"Proxy-Authorization: ");
            head.extend_from_slice(auth.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        Some(head)
    }

    /// Where a request of HTTP/2 goes; what `headers` says of its host goes in there.
    #[cfg(feature = "http2")]
    pub(super) fn address_http2(&self, url: &Url, headers: &mut HeaderMap) -> io::Result<Uri> {
        let host = self.name_host(url, headers)?;
        headers.remove(HOST);
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let scheme = if self.https { "https" } else { "http" };
        let uri = Uri::builder().scheme(scheme).authority(host.as_bytes());
        let uri = uri.path_and_query(path).build();
        uri.map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, e))
    }

    /// Adds a Host if there is none, and gives what is there.
    fn name_host(&self, url: &Url, headers: &mut HeaderMap) -> io::Result<HeaderValue> {
        if let Some(host) = headers.get(HOST) {
            return Ok(host.clone());
        }
        let host = match url.port() {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        };
        let host = HeaderValue::from_str(&host)
            .map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, e))?;
        headers.insert(HOST, host.clone());
        Ok(host)
    }

    /// What the first line of the request says, and the headers that follow from where it goes.
    pub(super) fn address_request(&self, url: &Url, headers: &mut HeaderMap) -> io::Result<Uri> {
        let invalid = |e: hyper::http::Error| io::Error::new(io::ErrorKind::InvalidInput, e);
        self.name_host(url, headers)?;
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let uri = match self.forwarder() {
            Some(proxy) => {
                if let Some(auth) = proxy.basic_auth() {
                    headers.insert(PROXY_AUTHORIZATION, auth.clone());
                }
                format!("http://{}:{}{path}", self.host, self.port)
            }
            None => path.to_owned(),
        };
        uri.parse::<Uri>().map_err(|e| invalid(e.into()))
    }
}

fn is_socks(proxy: &Intercept) -> bool {
    let scheme = proxy.uri().scheme_str();
    scheme.is_some_and(|scheme| scheme.starts_with("socks"))
}
