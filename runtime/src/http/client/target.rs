//! [`Target`]: where a URL leads, and by which proxy.

use super::pool::Key;
use super::socks::Socks;
use crate::http::{HeaderMap, HeaderValue, Uri};
use hyper::header::{HOST, PROXY_AUTHORIZATION};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use std::io;
use std::net::IpAddr;
use std::sync::OnceLock;
use url::Url;

/// The end of a connection.
pub(super) struct Target {
    https: bool,
    host: String,
    port: u16,
    proxy: Option<Intercept>,
}

/// Which proxies a client uses.
#[derive(Clone, Debug, Default)]
pub(super) enum Proxies {
    /// Those of the environment.
    #[default]
    Environment,
    None,
    /// This one for everything.
    One(String),
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

impl Proxies {
    /// # Errors
    /// What is named is no address of a proxy: what was to go by one does not go past it.
    fn find(&self, https: bool, host: &str, port: u16) -> io::Result<Option<Intercept>> {
        static ENVIRONMENT: OnceLock<Named> = OnceLock::new();
        let scheme = if https { "https" } else { "http" };
        let uri = format!("{scheme}://{host}:{port}/").parse::<Uri>();
        let uri = uri.map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, e))?;
        match self {
            Proxies::None => Ok(None),
            // As Go: a proxy is never meant for the machine itself.
            Proxies::Environment if is_loopback(host) => Ok(None),
            Proxies::Environment => {
                let named = || of_environment(|name| std::env::var(name).ok());
                ENVIRONMENT.get_or_init(named).find(https, &uri)
            }
            Proxies::One(proxy) => {
                let found = Matcher::builder().all(&**proxy).build().intercept(&uri);
                found.map(Some).ok_or_else(malformed)
            }
        }
    }
}

/// It does not say what was named: there may be a password in it.
fn malformed() -> io::Error {
    let text = "http: malformed address of a proxy";
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// What variables name.
struct Named {
    matcher: Matcher,
    /// The proxy of `http` is malformed; that of `https`. The matcher has another in its place.
    malformed: [bool; 2],
}

impl Named {
    fn new(http: &str, https: &str, no: String) -> Named {
        /// No request goes there: [`find`](Named::find) fails first.
        const STAND_IN: &str = "http://malformed.invalid";
        let names_none = |named: &str| {
            !named.is_empty() && Proxies::One(named.to_owned()).find(false, "x", 80).is_err()
        };
        let malformed = [names_none(http), names_none(https)];
        let or_stand_in =
            |named: &str, malformed| if malformed { STAND_IN } else { named }.to_owned();
        let matcher = Matcher::builder()
            .http(or_stand_in(http, malformed[0]))
            .https(or_stand_in(https, malformed[1]))
            .no(no)
            .build();
        Named { matcher, malformed }
    }

    fn find(&self, https: bool, uri: &Uri) -> io::Result<Option<Intercept>> {
        match self.matcher.intercept(uri) {
            Some(_) if self.malformed[usize::from(https)] => Err(malformed()),
            found => Ok(found),
        }
    }
}

/// The variables that Go's `ProxyFromEnvironment` looks at.
fn of_environment(var: impl Fn(&str) -> Option<String>) -> Named {
    let get = |names: [&str; 2]| {
        let mut all = names.into_iter().filter_map(&var);
        all.find(|value| !value.is_empty()).unwrap_or_default()
    };
    // In a CGI program this one comes from the client.
    let http = match var("REQUEST_METHOD") {
        Some(_) => String::new(),
        None => get(["HTTP_PROXY", "http_proxy"]),
    };
    let https = get(["HTTPS_PROXY", "https_proxy"]);
    Named::new(&http, &https, get(["NO_PROXY", "no_proxy"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What does not name a proxy is an error of those requests that it is for, and of no others.
    #[test]
    fn malformed_variables() {
        let find = |named: &Named, https, host: &str| {
            let uri = format!("{}://{host}/", if https { "https" } else { "http" });
            let found = named.find(https, &uri.parse().unwrap());
            found.map(|proxy| proxy.map(|proxy| proxy.uri().to_string()))
        };
        let named = Named::new("htp://x", "http://good:1", "near.test".into());
        let e = find(&named, false, "far.test").unwrap_err();
        assert_eq!(e.kind(), io::ErrorKind::InvalidInput);
        assert_eq!(find(&named, false, "near.test").unwrap(), None);
        let good = find(&named, true, "far.test").unwrap();
        assert_eq!(good.as_deref(), Some("http://good:1/"));
        let named = Named::new("", "::", String::new());
        assert_eq!(find(&named, false, "far.test").unwrap(), None);
        assert!(find(&named, true, "far.test").is_err());
    }

    /// Go's `TestProxyFromEnvironment`: which variables count, for what, and what is asked without a proxy.
    #[test]
    fn variables() {
        let find = |variables: &[(&str, &str)], url: &str| {
            let value = |name: &str| variables.iter().find(|(n, _)| *n == name);
            let named = of_environment(|name| value(name).map(|(_, value)| (*value).to_owned()));
            let found = named.find(url.starts_with("https:"), &url.parse().unwrap());
            found.unwrap().map(|proxy| proxy.uri().to_string())
        };
        for (variables, url, proxy) in [
            (
                &[("HTTP_PROXY", "http://a:1")][..],
                "http://x/",
                "http://a:1/",
            ),
            (&[("HTTP_PROXY", "a:1")], "http://x/", "http://a:1/"),
            (&[("http_proxy", "http://a:1")], "http://x/", "http://a:1/"),
            (
                &[("HTTP_PROXY", "a:1"), ("http_proxy", "b:1")],
                "http://x/",
                "http://a:1/",
            ),
            (
                &[("HTTP_PROXY", ""), ("http_proxy", "b:1")],
                "http://x/",
                "http://b:1/",
            ),
            (&[("HTTP_PROXY", "a:1")], "https://x/", ""),
            (&[("HTTPS_PROXY", "a:1")], "https://x/", "http://a:1/"),
            (&[("HTTPS_PROXY", "a:1")], "http://x/", ""),
            (
                &[("https_proxy", "socks5://a:1")],
                "https://x/",
                "socks5://a:1/",
            ),
            (
                &[("ALL_PROXY", "a:1"), ("all_proxy", "a:1")],
                "http://x/",
                "",
            ),
            (
                &[("ALL_PROXY", "a:1"), ("all_proxy", "a:1")],
                "https://x/",
                "",
            ),
            (
                &[("HTTP_PROXY", "a:1"), ("REQUEST_METHOD", "GET")],
                "http://x/",
                "",
            ),
            (
                &[("HTTPS_PROXY", "a:1"), ("REQUEST_METHOD", "GET")],
                "https://x/",
                "http://a:1/",
            ),
        ] {
            let found = find(variables, url).unwrap_or_default();
            assert_eq!(found, proxy, "{variables:?} {url}");
        }
        let without = "10.0.0.0/8, fd00::/8,192.168.1.1,foo.com,.bar.com";
        for (url, straight) in [
            ("http://10.1.2.3/", true),
            ("http://11.1.2.3/", false),
            ("http://[fd00::7]/", true),
            ("http://[fe00::7]/", false),
            ("http://192.168.1.1/", true),
            ("http://192.168.1.2/", false),
            ("http://foo.com/", true),
            ("http://sub.foo.com/", true),
            ("http://notfoo.com/", false),
            ("http://sub.bar.com/", true),
        ] {
            for no in ["NO_PROXY", "no_proxy"] {
                let found = find(&[("HTTP_PROXY", "a:1"), (no, without)], url);
                assert_eq!(found.is_none(), straight, "{url}");
            }
            let all = find(&[("HTTP_PROXY", "a:1"), ("NO_PROXY", "*")], url);
            assert_eq!(all, None);
        }
    }
}
