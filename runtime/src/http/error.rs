//! [`Error`]: why a handler could not answer.

use super::{Response, StatusCode};
use std::error::Error as StdError;
use std::fmt;
use std::io;

type Source = Box<dyn StdError + Send + Sync>;

/// Why a handler could not answer: a status, and an error of any kind, which only the operator sees.
///
/// As a [`Response`] it is the status with its name. Its text is never sent: the server writes it to its
/// [`error_log`](super::Server::error_log), with the request's method and path.
///
/// Every error becomes one by `?`: those of `std`, `Box<dyn Error>`, `anyhow`'s, a string. Its status is
/// 500, but 404 for an [`io::Error`] that says `NotFound`, and what fits for what is wrong with the request itself:
/// 400 for malformed JSON, 413 for a body that is too large, 408 for one that does not come.
///
/// ```
/// use goroutines::http::{self, Handler, Request};
///
/// fn double(req: &Request) -> http::Result<String> {
///     let n: i64 = req.text()?.parse().map_err(|e| http::Error::new(400, e))?;
///     let n = n.checked_mul(2).ok_or("too large")?;
///     Ok(n.to_string())
/// }
///
/// let ask = |text: &str| double.serve_http(&Request::new("POST", "/").with_body(text));
/// assert_eq!(ask("21").text()?, "42");
/// assert_eq!(ask("x").status(), 400);
/// assert_eq!(ask("9223372036854775807").status(), 500);
/// # std::io::Result::Ok(())
/// ```
pub struct Error {
    status: StatusCode,
    source: Source,
}

/// What a handler returns that may fail: `http::Result<String>`.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error that is answered with this status.
    ///
    /// # Panics
    /// `http: invalid status code`, if it is none (100 to 999 are).
    pub fn new(status: impl TryInto<StatusCode>, source: impl Into<Source>) -> Error {
        let source = source.into();
        let Ok(status) = status.try_into() else {
            panic!("http: invalid status code");
        };
        Error { status, source }
    }

    /// The same with another status.
    ///
    /// # Panics
    /// As [`new`](Self::new).
    #[must_use]
    pub fn with_status(self, status: impl TryInto<StatusCode>) -> Error {
        Error::new(status, self.source)
    }

    /// What is answered.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The error behind it, as it was given.
    pub fn into_source(self) -> Source {
        self.source
    }
}

/// The text of the error and of everything that caused it.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.source)?;
        let mut cause = self.source.source();
        while let Some(e) = cause {
            write!(f, ": {e}")?;
            cause = e.source();
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.status)
    }
}

impl<E: Into<Source>> From<E> for Error {
    fn from(e: E) -> Error {
        let source = e.into();
        let status = status_of(&*source);
        Error { status, source }
    }
}

impl From<Error> for io::Error {
    fn from(e: Error) -> io::Error {
        match e.source.downcast::<io::Error>() {
            Ok(e) => *e,
            Err(source) => Fault::new(e.status, source).into_io(io::ErrorKind::Other),
        }
    }
}

impl From<Error> for Response {
    fn from(e: Error) -> Response {
        Response::from(e.status).because(e)
    }
}

impl From<io::Error> for Response {
    fn from(e: io::Error) -> Response {
        Error::from(e).into()
    }
}

impl From<Box<dyn StdError + Send + Sync>> for Response {
    fn from(e: Box<dyn StdError + Send + Sync>) -> Response {
        Error::from(e).into()
    }
}

/// An error that knows how it is to be answered; it travels in an [`io::Error`].
#[derive(Debug)]
pub(super) struct Fault {
    status: StatusCode,
    source: Source,
}

impl Fault {
    pub(super) fn new(status: StatusCode, source: impl Into<Source>) -> Fault {
        let source = source.into();
        Fault { status, source }
    }

    pub(super) fn into_io(self, kind: io::ErrorKind) -> io::Error {
        io::Error::new(kind, self)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.source, f)
    }
}

impl StdError for Fault {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.source()
    }
}

/// What the error itself says, or a fault that it has come from.
pub(super) fn status_of(e: &(dyn StdError + 'static)) -> StatusCode {
    let kind = e.downcast_ref::<io::Error>().map(io::Error::kind);
    if kind == Some(io::ErrorKind::NotFound) {
        return StatusCode::NOT_FOUND;
    }
    let mut next = Some(e);
    while let Some(e) = next {
        let inner = e.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let fault = inner.and_then(|inner| inner.downcast_ref::<Fault>());
        if let Some(fault) = fault.or_else(|| e.downcast_ref()) {
            return fault.status;
        }
        next = e.source();
    }
    StatusCode::INTERNAL_SERVER_ERROR
}
