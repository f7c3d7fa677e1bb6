//! [`Handler`]: what answers requests.

use super::{Request, Response};
use std::sync::Arc;

/// Answers requests (Go's `http.Handler`): a function from `&Request` to anything that turns into a
/// [`Response`], a [`Mux`](super::Mux), or a type of your own.
///
/// It runs in the goroutine of its connection and may block. A panic ends that connection only: it
/// is reported on standard error, unless its value is [`AbortHandler`].
///
/// ```
/// use goroutines::http::{Handler, Request, Response, Server};
///
/// /// Adds a header to everything.
/// struct Versioned<H>(H);
///
/// impl<H: Handler> Handler for Versioned<H> {
///     fn serve_http(&self, req: &Request) -> Response {
///         self.0.serve_http(req).with_header("x-version", "7")
///     }
/// }
///
/// let server = Server::new("127.0.0.1:0", Versioned(|_: &Request| "hi"));
/// ```
pub trait Handler: Send + Sync + 'static {
    /// Answers one request.
    fn serve_http(&self, req: &Request) -> Response;
}

impl<F, R> Handler for F
where
    F: Fn(&Request) -> R + Send + Sync + 'static,
    R: Into<Response>,
{
    fn serve_http(&self, req: &Request) -> Response {
        self(req).into()
    }
}

impl<H: Handler + ?Sized> Handler for Arc<H> {
    fn serve_http(&self, req: &Request) -> Response {
        (**self).serve_http(req)
    }
}

/// What a handler panics with to cut the connection off without a report (Go's
/// `http.ErrAbortHandler`): `std::panic::panic_any(AbortHandler)`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AbortHandler;

/// A handler that sends every client to `url` (Go's `http.RedirectHandler`).
pub fn redirect_handler(status: super::StatusCode, url: impl Into<String>) -> impl Handler {
    let url = url.into();
    move |_: &Request| Response::redirect(status, &url)
}
