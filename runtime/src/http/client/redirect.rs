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
