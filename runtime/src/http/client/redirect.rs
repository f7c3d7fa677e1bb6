//! What a client does about a redirect: Go's `Client`.

use crate::http::{HeaderMap, HeaderValue, Method, StatusCode};
use hyper::header::{self, HeaderName};
use std::io;
use url::Url;

/// Where a redirect leads.
pub(super) struct Next {
    pub(super) url: Url,
    pub(super) method: Method,
    pub(super) with_body: bool,
}

/// `None`: the answer is the answer. `again`: the body can be sent once more.
pub(super) fn next(
    status: StatusCode,
    headers: &HeaderMap,
    url: &Url,
    method: &Method,
    again: bool,
) -> io::Result<Option<Next>> {
    let (method, with_body) = match status.as_u16() {
        301..=303 if method == Method::HEAD => (Method::HEAD, false),
        301..=303 => (Method::GET, false),
        307 | 308 if again => (method.clone(), true),
        _ => return Ok(None),
    };
    let Some(location) = headers.get(header::LOCATION).filter(|l| !l.is_empty()) else {
        return Ok(None);
    };
    // Bytes that are no ASCII are UTF-8, or stand for themselves; either way they are escaped.
    let location = String::from_utf8_lossy(location.as_bytes());
    let mut to = url.join(&location).map_err(|e| {
        let text = format!("http: failed to parse Location header {location:?}: {e}");
        io::Error::new(io::ErrorKind::InvalidData, text)
    })?;
    if to.fragment().is_none() {
        to.set_fragment(url.fragment());
    }
    Ok(Some(Next {
        url: to,
        method,
        with_body,
    }))
}

/// For the eyes of one host.
const SENSITIVE: [HeaderName; 3] = [
    header::AUTHORIZATION,
    header::COOKIE,
    header::PROXY_AUTHORIZATION,
];

/// Of a body that is not sent again.
const OF_A_BODY: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LOCATION,
    header::CONTENT_LENGTH,
    header::TRAILER,
];

/// Changes the headers for the next request: `first` is where the first one went.
pub(super) fn change_headers(headers: &mut HeaderMap, first: &Url, from: &Url, next: &Next) {
    if !belongs_to(next.url.host_str(), first.host_str()) {
        for name in &SENSITIVE {
            headers.remove(name);
        }
        headers.remove("cookie2");
    }
    if next.url.authority() != from.authority() {
        headers.remove(header::HOST);
    }
    if !next.with_body {
        for name in &OF_A_BODY {
            headers.remove(name);
        }
    }
    if from.scheme() == "https" && next.url.scheme() == "http" {
        headers.remove(header::REFERER);
    } else {
        let mut referer = from.clone();
        referer.set_fragment(None);
        let _ = referer.set_username("");
        let _ = referer.set_password(None);
        if let Ok(value) = HeaderValue::from_str(referer.as_str()) {
            headers.insert(header::REFERER, value);
        }
    }
}

/// Is it the same host, or one of its subdomains?
fn belongs_to(host: Option<&str>, parent: Option<&str>) -> bool {
    let (Some(host), Some(parent)) = (host, parent) else {
        return false;
    };
    let is_name = |host: &str| !host.contains(':') && host.parse::<std::net::IpAddr>().is_err();
    host == parent
        || is_name(host)
            && is_name(parent)
            && host
                .strip_suffix(parent)
                .is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    /// What is left of the headers when a request to `first` is led on from there to `to`.
    fn kept(first: &str, to: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for name in [
            "authorization",
            "cookie",
            "cookie2",
            "proxy-authorization",
            "host",
            "x-plain",
        ] {
            headers.insert(name, HeaderValue::from_static("x"));
        }
        let next = Next {
            url: url(to),
            method: Method::GET,
            with_body: false,
        };
        change_headers(&mut headers, &url(first), &url(first), &next);
        headers
    }

    /// Go's `TestShouldCopyHeaderOnRedirect`: to the same host and to what is below it, by whatever port.
    #[test]
    fn secrets_of_a_host() {
        for (first, to, kept_there) in [
            ("http://foo.com/", "http://foo.com/", true),
            ("http://foo.com/", "http://foo.com:1234/", true),
            ("http://foo.com/", "https://foo.com/", true),
            ("http://foo.com/", "http://sub.foo.com/", true),
            ("http://foo.com/", "http://SUB.FOO.com/", true),
            ("http://sub.foo.com/", "http://foo.com/", false),
            ("http://foo.com/", "http://notfoo.com/", false),
            ("http://foo.com/", "http://foo.com.evil/", false),
            ("http://foo.com/", "http://bar.com/", false),
            ("http://1.2.3.4/", "http://1.2.3.4:80/", true),
            ("http://[::1]/", "http://[::1]:80/", true),
            ("http://[::1]/", "http://[::2]/", false),
        ] {
            let headers = kept(first, to);
            for name in ["authorization", "cookie", "cookie2", "proxy-authorization"] {
                assert_eq!(
                    headers.contains_key(name),
                    kept_there,
                    "{name}: {first} to {to}"
                );
            }
            assert!(headers.contains_key("x-plain"));
        }
    }

    /// The first host's name is no other's; where a request came from is told, but not its password, and not what
    /// was encrypted to one that is not.
    #[test]
    fn host_and_referer() {
        assert!(kept("http://foo.com/", "http://foo.com/x").contains_key("host"));
        assert!(!kept("http://foo.com/", "http://sub.foo.com/").contains_key("host"));
        let referer = |first, to| {
            let headers = kept(first, to);
            headers
                .get("referer")
                .map(|value| value.to_str().unwrap().to_owned())
        };
        let told = referer("http://name:word@foo.com/a?b#c", "http://bar.com/");
        assert_eq!(told.as_deref(), Some("http://foo.com/a?b"));
        assert_eq!(referer("https://foo.com/a", "http://foo.com/"), None);
        let told = referer("https://foo.com/a", "https://bar.com/");
        assert_eq!(told.as_deref(), Some("https://foo.com/a"));
    }

    /// A fragment stays, unless there is a new one.
    #[test]
    fn fragments() {
        let next_of = |location: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("location", HeaderValue::from_static(location));
            let from = url("http://foo.com/dir/a#part");
            let next = next(StatusCode::FOUND, &headers, &from, &Method::GET, true);
            next.unwrap().unwrap().url.to_string()
        };
        assert_eq!(next_of("b"), "http://foo.com/dir/b#part");
        assert_eq!(next_of("//bar.com/b#other"), "http://bar.com/b#other");
    }
}
