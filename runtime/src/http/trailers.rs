//! [`Trailers`]: the fields that come after a body.

use super::{HeaderMap, HeaderValue};
use hyper::header::{HeaderName, TRAILER};
use std::sync::{Arc, OnceLock};

/// What comes after a body.
pub(super) enum Trailers {
    /// Made when the body has been read to its end.
    Made(Box<dyn FnOnce() -> HeaderMap + Send>),
    /// What the other side has sent, there when all of the body is.
    Come(Came),
}

/// Where what has come is put.
pub(super) type Came = Arc<OnceLock<HeaderMap>>;

impl Trailers {
    /// The body has come to its end.
    pub(super) fn get(self) -> HeaderMap {
        match self {
            Trailers::Made(make) => make(),
            Trailers::Come(come) => come.get().cloned().unwrap_or_default(),
        }
    }
}

/// Announces the names, which HTTP/1.1 wants before the body.
///
/// # Panics
/// If one cannot be a header's.
pub(super) fn announce(headers: &mut HeaderMap, names: &[&str]) {
    for name in names {
        let name: HeaderName = name.parse().expect("http: invalid header name");
        let value = HeaderValue::from_str(name.as_str()).expect("a name is a value");
        headers.append(TRAILER, value);
    }
}
