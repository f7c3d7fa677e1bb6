//! How long an answer is on the wire: decided here and nowhere else, so that whatever a handler has
//! returned, the next answer begins where this one ends, or the connection is closed.
//!
//! The rules are those of Go's `net/http` for what a handler writes.

use super::{Body, Response};
use hyper::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, TRANSFER_ENCODING,
};
use hyper::http::{Method, StatusCode, Version};

/// What the frame of an answer depends on.
pub(super) struct Asked<'a> {
    pub(super) method: &'a Method,
    pub(super) version: Version,
}

/// Something in the answer that could not be sent as it was.
pub(super) type Complaint = Option<String>;

/// The head of a 1xx that a handler has returned, to be sent before the answer proper; the answer
/// becomes 200, as after Go's `WriteHeader(103)`.
pub(super) fn take_interim(response: &mut Response, asked: &Asked<'_>) -> Option<Vec<u8>> {
    let status = response.status();
    if !status.is_informational() || status == StatusCode::SWITCHING_PROTOCOLS {
        return None;
    }
    response.set_status(StatusCode::OK);
    if asked.version < Version::HTTP_11 {
        return None;
    }
    let reason = status.canonical_reason().unwrap_or("Informational");
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", status.as_str()).into_bytes();
    for (name, value) in response.headers() {
        if *name != CONTENT_LENGTH && *name != TRANSFER_ENCODING {
            for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                head.extend_from_slice(part);
            }
        }
    }
    head.extend_from_slice(b"\r\n");
    Some(head)
}

/// Makes headers and body say the same length.
pub(super) fn frame(response: &mut Response, asked: &Asked<'_>) -> Complaint {
    let (declared, mut complaint) = match response.headers().is_empty() {
        true => (None, None),
        false => {
            // hyper alone says when it sends chunks.
            response.headers_mut().remove(TRANSFER_ENCODING);
            take_length(response.headers_mut())
        }
    };
    let status = response.status();
    if !may_have_body(asked.method, status) {
        if status == StatusCode::NOT_MODIFIED {
            response.headers_mut().remove(CONTENT_TYPE);
        }
        response.replace_body(Body::empty());
        return complaint;
    }
    let body = response.body().len();
    if asked.method == Method::HEAD {
        response.replace_body(Body::empty());
        if let Some(len) = declared.or(body.filter(|&len| len > 0)) {
            set_length(response.headers_mut(), len);
        }
        return complaint;
    }
    let Some(declared) = declared.filter(|&declared| body != Some(declared)) else {
        return complaint;
    };
    if declared == 0 {
        response.replace_body(Body::empty());
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
        complaint.get_or_insert_with(|| "http: a body after content-length 0".into());
        return complaint;
    }
    set_length(response.headers_mut(), declared);
    let body = response.replace_body(Body::empty());
    response.replace_body(body.declared(declared));
    complaint
}

/// As Go's `bodyAllowedForStatus`; a tunnel has none either.
fn may_have_body(method: &Method, status: StatusCode) -> bool {
    !(status.is_informational()
        || status == StatusCode::NO_CONTENT
        || status == StatusCode::NOT_MODIFIED
        || method == Method::CONNECT && status.is_success())
}

/// Takes what the handler says about the length, if that is one number.
fn take_length(headers: &mut HeaderMap) -> (Option<u64>, Complaint) {
    // An entry of an empty map makes room in it.
    if !headers.contains_key(CONTENT_LENGTH) {
        return (None, None);
    }
    let hyper::header::Entry::Occupied(entry) = headers.entry(CONTENT_LENGTH) else {
        return (None, None);
    };
    let (_, values) = entry.remove_entry_mult();
    let mut length = None;
    for value in values {
        let parsed = parse_length(value.as_bytes());
        if parsed.is_none() || length.is_some_and(|length| Some(length) != parsed) {
            return (
                None,
                Some(format!("http: invalid content-length {value:?}")),
            );
        }
        length = parsed;
    }
    (length, None)
}

fn parse_length(digits: &[u8]) -> Option<u64> {
    // `parse` takes a sign too.
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let n: i64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    u64::try_from(n).ok()
}

fn set_length(headers: &mut HeaderMap, len: u64) {
    headers.insert(CONTENT_LENGTH, len.into());
}
