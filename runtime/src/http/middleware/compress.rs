//! [`compress`]: smaller answers.

use crate::http::{Body, Handler, HeaderValue, Method, Request, Response};
use flate2::Compression;
use flate2::read::GzEncoder;
use hyper::header;

/// Compresses answers for clients that take gzip: text of all kinds, of a known length from 1 KiB on. What
/// comes piece by piece from a reader without a length is left as it is, so that each piece goes at once.
/// For the feature `gzip`.
///
/// ```
/// use goroutines::http::{Handler, Request, middleware::compress};
///
/// let handler = compress(|_: &Request| "long ".repeat(1000));
/// let request = Request::new("GET", "/").with_header("accept-encoding", "gzip, br");
/// let answer = handler.serve_http(&request);
/// assert_eq!(answer.header("content-encoding"), Some("gzip"));
/// assert!(answer.bytes()?.len() < 100);
/// # std::io::Result::Ok(())
/// ```
pub fn compress(handler: impl Handler) -> impl Handler {
    move |req: &Request| {
        let mut answer = handler.serve_http(req);
        if !is_worth_it(&mut answer) {
            return answer;
        }
        let headers = answer.headers_mut();
        headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
        if req.method() == Method::HEAD || !takes_gzip(req) {
            return answer;
        }
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.remove(header::CONTENT_LENGTH);
        headers.remove(header::ACCEPT_RANGES);
        // It is not the same bytes any more.
        if let Some(tag) = headers.get(header::ETAG)
            && tag.as_bytes().starts_with(b"\"")
            && let Ok(weak) = HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat())
        {
            headers.insert(header::ETAG, weak);
        }
        let mut body = answer.replace_body(Body::empty());
        let trailers = body.take_trailers();
        let packed = Body::reader(GzEncoder::new(body, Compression::fast()));
        answer.replace_body(packed.trailed(trailers));
        answer
    }
}

fn is_worth_it(answer: &mut Response) -> bool {
    const LEAST: u64 = 1 << 10;
    let long = answer.body().len().is_some_and(|len| len >= LEAST);
    let kind = answer.header("content-type").unwrap_or("");
    let kind = kind
        .split(';')
        .next()
        .unwrap_or("")
        .trim()
        .to_ascii_lowercase();
    let texts = ["json", "javascript", "xml", "wasm"];
    let text = kind.starts_with("text/") || texts.iter().any(|t| kind.ends_with(t));
    let headers = answer.headers();
    long && text && answer.status() != 206 && !headers.contains_key(header::CONTENT_ENCODING)
}

/// Does the client take gzip, and not only with weight 0?
fn takes_gzip(req: &Request) -> bool {
    let accepts = req.header("accept-encoding").unwrap_or("");
    accepts.split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let name = parts.next().unwrap_or("");
        let weight = parts.find_map(|p| p.strip_prefix("q="));
        name.eq_ignore_ascii_case("gzip")
            && weight.is_none_or(|q| q.parse().is_ok_and(|q: f32| q > 0.0))
    })
}
