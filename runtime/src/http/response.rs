//! [`Response`]: what a handler returns, and what a client gets.

use super::trailers;
use super::upgraded::Takeover;
use super::{Body, Error};
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::StatusCode;
use std::io::{self, Read};

/// An answer: status, headers and [`Body`]. A handler returns one, or anything that turns into one;
/// a client gets one, and reads it.
///
/// | from | becomes |
/// | --- | --- |
/// | `&'static str`, `String` | 200 with the text |
/// | `Vec<u8>`, `&'static [u8]` | 200 with the bytes |
/// | `()` | 200 without a body |
/// | [`StatusCode`] | that status with its name as text |
/// | `(StatusCode, T)` | `T`'s response with that status |
/// | `Option<T>` | `T`'s response, or 404 |
/// | `Result<T, E>` | `T`'s or `E`'s response |
/// | [`http::Error`](super::Error) | its status; the error's text is logged and not sent |
/// | [`io::Error`], `Box<dyn Error + Send + Sync>` | 404 for `NotFound`, mostly 500 else: see [`http::Error`](super::Error) |
/// | `anyhow::Error` (feature `anyhow`) | likewise |
///
/// A status 1xx other than 101 is sent with the headers, and then the answer proper with 200, as after Go's
/// `WriteHeader(103)`. That holds for HTTP/1.1: by HTTP/2 hyper cannot send a 1xx, and only the answer proper is sent.
///
/// ```
/// use goroutines::http::{Response, StatusCode};
///
/// let made = Response::new("{}")
///     .with_status(StatusCode::CREATED)
///     .with_header("content-type", "application/json");
/// assert_eq!(made.status(), 201);
/// assert_eq!(made.header("Content-Type"), Some("application/json"));
/// ```
#[derive(Debug, Default)]
pub struct Response {
    status: StatusCode,
    headers: HeaderMap,
    body: Body,
    /// Why it is not what was asked for: reported to the operator.
    error: Option<Box<Error>>,
    /// The function that gets the connection then.
    takeover: Option<Box<Takeover>>,
}

impl Response {
    /// 200 with this body and no headers.
    pub fn new(body: impl Into<Body>) -> Response {
        Response {
            body: body.into(),
            ..Response::default()
        }
    }

    /// Text in UTF-8 of the given type, such as `text/html`.
    pub fn typed(content_type: &str, text: impl Into<String>) -> Response {
        Response::new(text.into())
            .with_header("content-type", format!("{content_type}; charset=utf-8"))
    }

    /// A status with a line of text (Go's `http.Error`).
    ///
    /// # Panics
    /// If `status` is no status.
    pub fn error(status: impl TryInto<StatusCode>, text: impl Into<String>) -> Response {
        let mut text = text.into();
        text.push('\n');
        Response::typed("text/plain", text)
            .with_status(status)
            .with_header("x-content-type-options", "nosniff")
    }

    /// Sends the client to `url` with a status like 303 (Go's `http.Redirect`).
    ///
    /// # Panics
    /// If `status` is no status.
    pub fn redirect(status: impl TryInto<StatusCode>, url: impl AsRef<str>) -> Response {
        Response::new(())
            .with_status(status)
            .with_header("location", url.as_ref())
    }

    /// The same with another status: a [`StatusCode`] or a number.
    ///
    /// # Panics
    /// If it is no status (100 to 999 are).
    #[must_use]
    pub fn with_status(mut self, status: impl TryInto<StatusCode>) -> Response {
        let Ok(status) = status.try_into() else {
            panic!("http: invalid status code");
        };
        self.status = status;
        self
    }

    /// The same with a header set. A control character in the value, a line break for one, becomes a
    /// space, as in Go: no header can be smuggled in.
    ///
    /// # Panics
    /// `http: invalid header name`, if it is that.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl AsRef<str>) -> Response {
        let name: HeaderName = name.parse().expect("http: invalid header name");
        self.headers.insert(name, header_value(value.as_ref()));
        self
    }

    /// The same with trailers: fields that come after the body, of these names; `make` gives them when all of
    /// the body has been read (Go's `Trailer`).
    ///
    /// By HTTP/1.1 the body goes in chunks then. hyper sends trailers there only to a client that has said
    /// `te: trailers` (RFC 9110, 6.5.1), where Go sends them to all; by HTTP/2 they always go. With a
    /// `content-length` of your own there are none by HTTP/1.1.
    ///
    /// # Panics
    /// `http: invalid header name`, if one is that.
    ///
    /// ```
    /// use goroutines::http::{Client, HeaderMap, Request, Response, Server};
    /// use std::io::Read;
    ///
    /// let server = Server::new("127.0.0.1:0", |_: &Request| {
    ///     Response::new("the text").with_trailers(&["x-lines"], || {
    ///         HeaderMap::from_iter([("x-lines".parse().unwrap(), 1.into())])
    ///     })
    /// });
    /// # let addr = server.local_addr()?;
    /// # goroutines::go!([server], { server.serve().unwrap() });
    /// let request = Client::new().request("GET", format!("http://{addr}/"));
    /// let mut answer = request.header("te", "trailers").send()?;
    /// answer.read_to_string(&mut String::new())?;
    /// assert_eq!(answer.trailers()["x-lines"], "1");
    /// # std::io::Result::Ok(())
    /// ```
    #[must_use]
    pub fn with_trailers(
        mut self,
        names: &[&str],
        make: impl FnOnce() -> HeaderMap + Send + 'static,
    ) -> Response {
        trailers::announce(&mut self.headers, names);
        self.body = self.body.with_trailers(make);
        self
    }

    /// What the server has sent after the body, once that has been read to its end (Go's
    /// `Response.Trailer`); empty before, and mostly after too. An answer that a handler returns as it came passes them
    /// on; by HTTP/1.1 only those that its header `trailer` names, which hyper does not send by HTTP/2.
    pub fn trailers(&self) -> HeaderMap {
        self.body.came().cloned().unwrap_or_default()
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// A header's value; the first, if there are several, and only if it is text in UTF-8.
    pub fn header(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.headers.get(name)?.as_bytes()).ok()
    }

    /// All headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// All headers, to change.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    /// The body, which can be read.
    pub fn body(&mut self) -> &mut Body {
        &mut self.body
    }

    /// The body alone.
    pub fn into_body(self) -> Body {
        self.body
    }

    /// Reads the whole body.
    ///
    /// # Errors
    /// The connection's.
    ///
    /// # Suspends
    /// Until all is there.
    pub fn bytes(mut self) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        self.body.read_to_end(&mut all)?;
        Ok(all)
    }

    /// Reads the whole body as text.
    ///
    /// # Errors
    /// The connection's; `InvalidData` if it is not UTF-8.
    ///
    /// # Suspends
    /// Until all is there.
    pub fn text(self) -> io::Result<String> {
        String::from_utf8(self.bytes()?).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))
    }

    pub(super) fn set_status(&mut self, status: StatusCode) {
        self.status = status;
    }

    /// Gives the body that it had.
    pub(super) fn replace_body(&mut self, body: Body) -> Body {
        std::mem::replace(&mut self.body, body)
    }

    pub(super) fn from_parts(status: StatusCode, headers: HeaderMap, body: Body) -> Response {
        Response {
            status,
            headers,
            body,
            error: None,
            takeover: None,
        }
    }

    /// The same, answered for this reason.
    pub(super) fn because(mut self, e: Error) -> Response {
        self.error = Some(Box::new(e));
        self
    }

    /// The same, and `takeover` gets the connection.
    pub(super) fn taken_over(mut self, takeover: Takeover) -> Response {
        self.takeover = Some(Box::new(takeover));
        self
    }

    pub(super) fn take_takeover(&mut self) -> Option<Box<Takeover>> {
        self.takeover.take()
    }

    /// The reason, once.
    pub(super) fn take_error(&mut self) -> Option<Box<Error>> {
        self.error.take()
    }

    /// `sending` says how its body is sent.
    #[inline]
    pub(super) fn into_hyper<B>(self, sending: impl FnOnce(Body) -> B) -> hyper::Response<B> {
        let mut response = hyper::Response::new(sending(self.body));
        *response.status_mut() = self.status;
        let none = std::mem::replace(response.headers_mut(), self.headers);
        // An empty one owns nothing, and takes a while to find that out.
        std::mem::forget(none);
        response
    }
}

/// The value of a header, without control characters.
pub(super) fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| {
        let bytes = text.bytes();
        let clean: Vec<u8> = bytes
            .map(|b| {
                if b.is_ascii_control() && b != b'\t' {
                    b' '
                } else {
                    b
                }
            })
            .collect();
        HeaderValue::from_bytes(&clean).expect("no control character is left")
    })
}

impl Read for Response {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.body.read(buf)
    }
}

fn typed(content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body);
    let value = HeaderValue::from_static(content_type);
    response.headers.insert(header::CONTENT_TYPE, value);
    response
}

const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";

impl From<&'static str> for Response {
    fn from(text: &'static str) -> Response {
        typed(TEXT, text)
    }
}

impl From<String> for Response {
    fn from(text: String) -> Response {
        typed(TEXT, text)
    }
}

impl From<Vec<u8>> for Response {
    fn from(bytes: Vec<u8>) -> Response {
        typed(BYTES, bytes)
    }
}

impl From<&'static [u8]> for Response {
    fn from(bytes: &'static [u8]) -> Response {
        typed(BYTES, Bytes::from_static(bytes))
    }
}

impl From<Body> for Response {
    fn from(body: Body) -> Response {
        Response::new(body)
    }
}

impl From<()> for Response {
    fn from((): ()) -> Response {
        Response::default()
    }
}

impl From<StatusCode> for Response {
    fn from(status: StatusCode) -> Response {
        match status.canonical_reason() {
            Some(text) if status.is_client_error() || status.is_server_error() => {
                Response::error(status, text)
            }
            _ => Response::default().with_status(status),
        }
    }
}

impl<T: Into<Response>> From<(StatusCode, T)> for Response {
    fn from((status, rest): (StatusCode, T)) -> Response {
        rest.into().with_status(status)
    }
}

impl<T: Into<Response>> From<Option<T>> for Response {
    fn from(some: Option<T>) -> Response {
        some.map_or_else(|| StatusCode::NOT_FOUND.into(), Into::into)
    }
}

impl<T: Into<Response>, E: Into<Response>> From<Result<T, E>> for Response {
    fn from(result: Result<T, E>) -> Response {
        result.map_or_else(Into::into, Into::into)
    }
}
