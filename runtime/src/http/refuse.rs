//! Requests that no handler gets to see: what Go's server refuses, with Go's statuses and words.

use super::Response;
use hyper::header::{CONTENT_LENGTH, EXPECT, HOST, HeaderMap, HeaderValue, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use hyper::http::{Method, StatusCode, Uri, Version};

/// The fields of a request that decide whether and how it is answered, found in one pass: four look-ups by name take
/// longer.
#[derive(Default)]
pub(super) struct Fields<'a> {
    coding: Once<'a>,
    length: Once<'a>,
    host: Once<'a>,
    expect: Once<'a>,
}

/// The first value of a field, and whether there are more.
#[derive(Default)]
struct Once<'a> {
    first: Option<&'a HeaderValue>,
    has_more: bool,
}

impl<'a> Once<'a> {
    fn add(&mut self, value: &'a HeaderValue) {
        self.has_more = self.first.is_some();
        self.first = self.first.or(Some(value));
    }
}

impl<'a> Fields<'a> {
    pub(super) fn of(headers: &'a HeaderMap) -> Fields<'a> {
        let mut fields = Fields::default();
        for (name, value) in headers {
            // Faster than their texts.
            if *name == HOST {
                fields.host.add(value);
            } else if *name == EXPECT {
                fields.expect.add(value);
            } else if *name == CONTENT_LENGTH {
                fields.length.add(value);
            } else if *name == TRANSFER_ENCODING {
                fields.coding.add(value);
            }
        }
        fields
    }

    /// Does it say `Expect`?
    pub(super) fn expects(&self) -> bool {
        self.expect.first.is_some()
    }
}

/// Why a request that could be parsed is refused.
pub(super) fn refusal(parts: &Parts, fields: &Fields<'_>) -> Option<Response> {
    let (status, text) = fault(parts, fields)?;
    let text = match text {
        "" => status.canonical_reason().unwrap_or_default().to_owned(),
        text => format!("{} {}: {text}", status.as_str(), status.canonical_reason()?),
    };
    let response = Response::typed("text/plain", text).with_status(status);
    Some(last_in_http1(response, parts.version))
}

/// By HTTP/1.1 the connection ends with it; by HTTP/2 others ask on the same one.
pub(super) fn last_in_http1(response: Response, version: Version) -> Response {
    match version {
        Version::HTTP_2 => response,
        _ => response.with_header("connection", "close"),
    }
}

fn fault(parts: &Parts, fields: &Fields<'_>) -> Option<(StatusCode, &'static str)> {
    let bad = |text| Some((StatusCode::BAD_REQUEST, text));
    let coding = &fields.coding;
    if let Some(first) = coding.first
        && (coding.has_more || !first.as_bytes().eq_ignore_ascii_case(b"chunked"))
    {
        return Some((StatusCode::NOT_IMPLEMENTED, "unsupported transfer encoding"));
    }
    if !is_target(&parts.method, &parts.uri) || !fields.length.first.is_none_or(is_length) {
        return bad("");
    }
    match fields.host.first {
        None if parts.version == Version::HTTP_11 && parts.method != Method::CONNECT => {
            return bad("missing required Host header");
        }
        _ if fields.host.has_more => return bad("too many Host headers"),
        Some(host) if !host.as_bytes().iter().copied().all(is_host_byte) => {
            return bad("malformed Host header");
        }
        _ => {}
    }
    let unknown = fields.expect.first.is_some_and(is_unknown_expectation);
    unknown.then_some((StatusCode::EXPECTATION_FAILED, ""))
}

/// Go's lengths have a sign.
fn is_length(length: &HeaderValue) -> bool {
    let length = length.to_str().ok().and_then(|length| length.parse().ok());
    length.is_none_or(|length: u64| i64::try_from(length).is_ok())
}

/// Is it a path, `*`, a whole URL, or for CONNECT an authority, with sound escapes and a port that is a number?
fn is_target(method: &Method, uri: &Uri) -> bool {
    if !uri.authority().is_none_or(has_sound_port) {
        return false;
    }
    if uri.scheme().is_none() && uri.authority().is_some() && method != Method::CONNECT {
        return false;
    }
    let mut bytes = uri.path().bytes();
    while let Some(b) = bytes.next() {
        let hex = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_hexdigit());
        if b == b'%' && !(hex(bytes.next()) && hex(bytes.next())) {
            return false;
        }
    }
    true
}

/// Is what follows the host nothing, or a colon and digits, if any?
fn has_sound_port(authority: &Authority) -> bool {
    let host = authority.as_str().rsplit('@').next().unwrap_or_default();
    let port = match host.rfind(']') {
        Some(end) => &host[end + 1..],
        None => host.find(':').map_or("", |colon| &host[colon..]),
    };
    let digits = |port: &str| port.bytes().all(|b| b.is_ascii_digit());
    port.is_empty() || port.strip_prefix(':').is_some_and(digits)
}

/// Go's `httpguts.ValidHostHeader`: what may be in a host, an address or a port, roughly.
fn is_host_byte(b: u8) -> bool {
    const OTHERS: &[u8] = b"!$%&'()*+,-.:;=[]_~";
    const MAY: [bool; 256] = {
        let mut may = [false; 256];
        let mut b = 0;
        while b < may.len() {
            may[b] = (b as u8).is_ascii_alphanumeric();
            b += 1;
        }
        let mut i = 0;
        while i < OTHERS.len() {
            may[OTHERS[i] as usize] = true;
            i += 1;
        }
        may
    };
    MAY[b as usize]
}

fn is_unknown_expectation(value: &HeaderValue) -> bool {
    let known = |token: &[u8]| token.trim_ascii().eq_ignore_ascii_case(b"100-continue");
    !value.is_empty() && !value.as_bytes().split(|&b| b == b',').any(known)
}

/// The answer to what could not be parsed: `status` and `error` are what hyper says about it, `head` is
/// where it stands if its version was not understood.
pub(super) fn unparsed(head: &[u8], status: StatusCode, error: &str) -> Vec<u8> {
    // hyper gives no better way to tell; the tests hold it to this one.
    let status = match status {
        StatusCode::BAD_REQUEST if error.contains("TransferEncodingInvalid") => {
            StatusCode::NOT_IMPLEMENTED
        }
        StatusCode::BAD_REQUEST if error.contains("Version") && has_version(head) => {
            StatusCode::HTTP_VERSION_NOT_SUPPORTED
        }
        status => status,
    };
    let reason = status.canonical_reason().unwrap_or_default();
    let text = match status {
        StatusCode::HTTP_VERSION_NOT_SUPPORTED => {
            format!("{} {reason}: unsupported protocol version", status.as_str())
        }
        StatusCode::NOT_IMPLEMENTED => "Unsupported transfer encoding".to_owned(),
        _ => format!("{} {reason}", status.as_str()),
    };
    format!(
        "HTTP/1.1 {} {reason}\r\ncontent-type: text/plain; charset=utf-8\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{text}",
        status.as_str(),
        text.len()
    )
    .into_bytes()
}

/// Is what is not a version that we speak one at all?
fn has_version(head: &[u8]) -> bool {
    let mut lines = head.split(|&b| b == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.find(|l| !l.is_empty()).unwrap_or_default();
    let mut parts = first.split(|&b| b == b' ').skip(2);
    matches!((parts.next(), parts.next()), (Some([b'H', b'T', b'T', b'P', b'/', major, b'.', minor]), None)
        if major.is_ascii_digit() && minor.is_ascii_digit())
}
