//! Handlers around handlers: each function takes one and returns one, so they are written around
//! each other, the outermost first.
//!
//! ```
//! use goroutines::http::{Handler, Mux, Request};
//! use goroutines::http::middleware::{access_log, limit_body, recover, request_id};
//!
//! let mut mux = Mux::new();
//! mux.handle_func("/", |_| "hello");
//! let handler = request_id(access_log(recover(limit_body(1 << 20, mux))));
//! let answer = handler.serve_http(&Request::new("GET", "/"));
//! assert!(answer.header("x-request-id").is_some());
//! ```

#[cfg(feature = "gzip")]
mod compress;
mod rate;

#[cfg(feature = "gzip")]
pub use compress::compress;
pub use rate::rate_limit;

use super::{AbortHandler, Error, Handler, Method, Request, Response, StatusCode};
use crate::time::Instant;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Writes a line for each request to standard error: the client, the request, the status, how long it took.
pub fn access_log(handler: impl Handler) -> impl Handler {
    access_log_to(handler, |req, answer, took| {
        let (peer, method, uri) = (req.remote_addr(), req.method(), req.uri());
        let status = answer.status().as_u16();
        let id = req.id();
        let gap = if id.is_empty() { "" } else { " " };
        eprintln!("{peer} {method} {uri} {status} {took:?}{gap}{id}");
    })
}

/// Calls `log` after each request, with its answer and how long that took.
pub fn access_log_to(
    handler: impl Handler,
    log: impl Fn(&Request, &Response, Duration) + Send + Sync + 'static,
) -> impl Handler {
    move |req: &Request| {
        let begin = Instant::now();
        let answer = handler.serve_http(req);
        log(req, &answer, begin.elapsed());
        answer
    }
}

/// Gives each request a name, [`Request::id`], and the answer the header `x-request-id`. One that the
/// client sends is kept if it is short and plain.
pub fn request_id(handler: impl Handler) -> impl Handler {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    // Different in each process, and not predictable.
    let process = {
        use std::hash::{BuildHasher, RandomState};
        RandomState::new().hash_one(std::process::id())
    };
    let plain = |id: &&str| {
        (1..=64).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    move |req: &Request| {
        let given = req.header("x-request-id").filter(plain);
        let id = given.map_or_else(
            || format!("{process:016x}-{}", NEXT.fetch_add(1, Ordering::Relaxed)),
            str::to_owned,
        );
        req.set_id(id.clone());
        handler.serve_http(req).with_header("x-request-id", id)
    }
}

/// Answers 500 when the handler panics, and logs that; without it the connection just ends.
pub fn recover(handler: impl Handler) -> impl Handler {
    move |req: &Request| match crate::panic::recover(|| handler.serve_http(req)) {
        Ok(answer) => answer,
        Err(panic) if panic.is::<AbortHandler>() => panic.resume(),
        Err(panic) => {
            let text = format!("panic: {}", panic.text());
            Error::new(StatusCode::INTERNAL_SERVER_ERROR, text).into()
        }
    }
}

/// Lets at most `limit` bytes of each body be read (Go's `http.MaxBytesHandler`).
pub fn limit_body(limit: u64, handler: impl Handler) -> impl Handler {
    move |req: &Request| handler.serve_http(req.body_limit(limit))
}

/// Lets pages of these origins (`https://example.org`, or `*` for all) use what the handler answers:
/// adds `access-control-allow-origin`, and answers the browser's question beforehand. Cookies are not
/// let through.
pub fn cors(origins: &[&str], handler: impl Handler) -> impl Handler {
    let origins: Vec<String> = origins.iter().map(|&o| o.to_owned()).collect();
    move |req: &Request| {
        let Some(origin) = req.header("origin") else {
            return handler.serve_http(req);
        };
        let all = origins.iter().any(|o| o == "*");
        let allowed = all || origins.iter().any(|o| o == origin);
        let asked = req.header("access-control-request-method");
        let before = req.method() == Method::OPTIONS && asked.is_some();
        let mut answer = match before {
            true => Response::from(StatusCode::NO_CONTENT),
            false => handler.serve_http(req),
        };
        if !all {
            answer
                .headers_mut()
                .append("vary", super::HeaderValue::from_static("origin"));
        }
        if !allowed {
            return answer;
        }
        answer = answer.with_header(
            "access-control-allow-origin",
            if all { "*" } else { origin },
        );
        if let (true, Some(method)) = (before, asked) {
            answer = answer
                .with_header("access-control-allow-methods", method)
                .with_header("access-control-max-age", "600");
            if let Some(headers) = req.header("access-control-request-headers") {
                answer = answer.with_header("access-control-allow-headers", headers);
            }
        }
        answer
    }
}
