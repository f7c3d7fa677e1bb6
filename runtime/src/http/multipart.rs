//! [`Multipart`]: forms with files, part by part; the feature `multipart`.

use super::error::{Fault, status_of};
use super::request::RequestBody;
use super::{HeaderMap, Request, StatusCode};
use futures_core::Stream;
use hyper::body::Bytes;
use hyper::header::CONTENT_TYPE;
use std::error::Error as StdError;
use std::fmt;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

/// The parts of a form that was sent as `multipart/form-data`, in the order they come (Go's
/// `multipart.Reader`). For the feature `multipart`.
///
/// Made by [`Request::multipart`]. Of the parts nothing is kept: each is read as it comes in.
pub struct Multipart<'a> {
    form: multer::Multipart<'a>,
    /// The part that was given out last, if it has not been read to its end.
    field: Option<multer::Field<'a>>,
    /// Of that one, read and not taken yet.
    chunk: Bytes,
    input: Arc<Input>,
    /// How reading has failed: nothing can be parsed after a gap.
    failed: Option<(io::ErrorKind, StatusCode)>,
}

/// A part of a form: read it as any stream (Go's `multipart.Part`).
///
/// # Errors
/// Reading fails as reading the request's [`body`](Request::body) does, and with `InvalidData` if the form ends
/// within a part.
///
/// # Suspends
/// `read`, until there is more.
pub struct Part<'m, 'a> {
    headers: HeaderMap,
    name: String,
    file_name: Option<String>,
    form: &'m mut Multipart<'a>,
}

/// What multer may read now. (Relaxed everywhere: only the goroutine that reads the form uses it.)
struct Input {
    /// One piece, which it has not asked for yet.
    piece: AtomicBool,
    /// How much until the next part has begun: what stands before a part's content is kept.
    room: AtomicUsize,
}

impl Input {
    /// How large the head of a part may be.
    const HEAD: usize = 1 << 20;

    fn set_room(&self, most: usize) {
        self.room.store(most, Ordering::Relaxed);
    }

    fn take(&self, n: usize) -> io::Result<()> {
        match self.room.load(Ordering::Relaxed) {
            usize::MAX => Ok(()),
            left => match left.checked_sub(n) {
                Some(left) => {
                    self.set_room(left);
                    Ok(())
                }
                None => Err(malformed("http: the head of a part is too large")),
            },
        }
    }

    /// Polls multer until it is ready. It reads for as long as there is input, and parses only then: so it gets
    /// a piece when it is pending, which means that it needs one, and no other before it has parsed that.
    fn drive<T>(
        &self,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<multer::Result<T>>,
    ) -> io::Result<T> {
        let mut cx = Context::from_waker(Waker::noop());
        self.piece.store(false, Ordering::Relaxed);
        loop {
            match poll(&mut cx) {
                Poll::Ready(result) => return result.map_err(to_io),
                Poll::Pending if !self.piece.swap(true, Ordering::Relaxed) => {}
                // It does not ask for more.
                Poll::Pending => return Err(malformed("http: the form has no end")),
            }
        }
    }
}

/// The body as multer takes it.
struct Pieces<'a> {
    body: RequestBody<'a>,
    input: Arc<Input>,
}

impl Stream for Pieces<'_> {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        const PIECE: usize = 16 << 10;
        if !self.input.piece.swap(false, Ordering::Relaxed) {
            return Poll::Pending;
        }
        let mut buf = vec![0; PIECE];
        let read = loop {
            match self.body.read(&mut buf) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let read = read.and_then(|n| self.input.take(n).map(|()| n));
        Poll::Ready(match read {
            Ok(0) => None,
            Ok(n) => {
                buf.truncate(n);
                Some(Ok(Bytes::from(buf)))
            }
            Err(e) => Some(Err(e)),
        })
    }
}

fn malformed(e: impl Into<Box<dyn StdError + Send + Sync>>) -> io::Error {
    Fault::new(StatusCode::BAD_REQUEST, e).into_io(io::ErrorKind::InvalidData)
}

/// The body's error as it was, or what is wrong with the form.
fn to_io(e: multer::Error) -> io::Error {
    match e {
        multer::Error::StreamReadFailed(e) => match e.downcast::<io::Error>() {
            Ok(e) => *e,
            Err(e) => malformed(e),
        },
        e => malformed(e),
    }
}

impl Request {
    /// The parts of a form that was sent as `multipart/form-data`, as browsers send files (Go's
    /// `MultipartReader`). For the feature `multipart`.
    ///
    /// At most 32 MiB of the body are read, or the [`body_limit`](Self::body_limit) that was set.
    ///
    /// # Errors
    /// `InvalidInput`, answered by 415, if the request is no such form.
    ///
    /// ```
    /// use goroutines::http::{self, Handler, Request};
    /// use std::io::Read;
    ///
    /// fn upload(req: &Request) -> http::Result<String> {
    ///     let mut seen = String::new();
    ///     let mut form = req.body_limit(100 << 20).multipart()?;
    ///     while let Some(mut part) = form.next_part()? {
    ///         let name = part.name().to_owned();
    ///         match part.file_name().map(str::to_owned) {
    ///             Some(file) => {
    ///                 // As large as it may be: it goes by in pieces.
    ///                 let n = std::io::copy(&mut part, &mut std::io::sink())?;
    ///                 seen += &format!("{name}: {file} of {n} bytes\n");
    ///             }
    ///             None => seen += &format!("{name}: {}\n", part.text()?),
    ///         }
    ///     }
    ///     Ok(seen)
    /// }
    ///
    /// let body = "--cut\r\n\
    ///     content-disposition: form-data; name=\"title\"\r\n\r\n\
    ///     A picture\r\n--cut\r\n\
    ///     content-disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\
    ///     content-type: image/png\r\n\r\n\
    ///     12345\r\n--cut--\r\n";
    /// let req = Request::new("POST", "/upload")
    ///     .with_header("content-type", "multipart/form-data; boundary=cut")
    ///     .with_body(body);
    /// assert_eq!(
    ///     upload.serve_http(&req).text()?,
    ///     "title: A picture\nfile: a.png of 5 bytes\n"
    /// );
    /// # std::io::Result::Ok(())
    /// ```
    pub fn multipart(&self) -> io::Result<Multipart<'_>> {
        let boundary = multer::parse_boundary(self.header(CONTENT_TYPE.as_str()).unwrap_or(""));
        let boundary = boundary.map_err(|e| {
            let fault = Fault::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, e);
            fault.into_io(io::ErrorKind::InvalidInput)
        })?;
        self.limit_body_unless_set();
        let input = Arc::new(Input {
            piece: AtomicBool::new(false),
            room: AtomicUsize::new(0),
        });
        let pieces = Pieces {
            body: self.body(),
            input: input.clone(),
        };
        Ok(Multipart {
            form: multer::Multipart::new(pieces, boundary),
            field: None,
            chunk: Bytes::new(),
            input,
            failed: None,
        })
    }
}

impl<'a> Multipart<'a> {
    /// The next part; `None` at the end of the form (Go's `NextPart`). What was not read of the one before is
    /// passed over.
    ///
    /// # Errors
    /// Those of reading the request's [`body`](Request::body); `InvalidData`, answered by 400, for what is
    /// malformed. Once reading the form has failed, it fails for ever.
    ///
    /// # Suspends
    /// Until its head is there.
    pub fn next_part(&mut self) -> io::Result<Option<Part<'_, 'a>>> {
        while self.field.is_some() {
            self.fetch()?;
        }
        self.chunk = Bytes::new();
        self.whole()?;
        self.input.set_room(Input::HEAD);
        let field = self.input.drive(|cx| self.form.poll_next_field(cx));
        self.input.set_room(usize::MAX);
        let Some(field) = field.inspect_err(|e| self.failed = Some(how(e)))? else {
            return Ok(None);
        };
        let (headers, name) = (field.headers().clone(), field.name().unwrap_or("").into());
        let file_name = field.file_name().map(file_of);
        self.field = Some(field);
        Ok(Some(Part {
            headers,
            name,
            file_name,
            form: self,
        }))
    }

    /// Gets the next chunk of the part; none at its end.
    fn fetch(&mut self) -> io::Result<()> {
        self.whole()?;
        if let Some(field) = &mut self.field {
            let mut field = Pin::new(field);
            let poll = |cx: &mut Context<'_>| field.as_mut().poll_next(cx).map(Option::transpose);
            let chunk = self.input.drive(poll);
            match chunk.inspect_err(|e| self.failed = Some(how(e)))? {
                Some(chunk) => self.chunk = chunk,
                None => self.field = None,
            }
        }
        Ok(())
    }

    /// Has all been read so far, without a gap?
    fn whole(&self) -> io::Result<()> {
        self.failed.map_or(Ok(()), |(kind, status)| {
            Err(Fault::new(status, "http: the form could not be read").into_io(kind))
        })
    }
}

/// The kind of an error, and how it is answered.
fn how(e: &io::Error) -> (io::ErrorKind, StatusCode) {
    (e.kind(), status_of(e))
}

/// Without the folders that some browsers send (as Go's `FileName`).
fn file_of(path: &str) -> String {
    let trimmed = path.trim_end_matches('/');
    match trimmed.rsplit('/').next() {
        Some("") | None if !path.is_empty() => "/".into(),
        name => name.unwrap_or_default().into(),
    }
}

impl Part<'_, '_> {
    /// The name of the field; empty if it has none (Go's `FormName`).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the file, without folders, if it is one (Go's `FileName`). It is what the client says: choose
    /// your own where you store it.
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// What the client says it is, if it does.
    pub fn content_type(&self) -> Option<&str> {
        self.headers.get(CONTENT_TYPE)?.to_str().ok()
    }

    /// All its headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// As reading it.
    ///
    /// # Suspends
    /// Until all is there.
    pub fn bytes(&mut self) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        self.read_to_end(&mut all)?;
        Ok(all)
    }

    /// Reads all of it as text.
    ///
    /// # Errors
    /// As reading it; `InvalidData` if it is not UTF-8.
    ///
    /// # Suspends
    /// Until all is there.
    pub fn text(&mut self) -> io::Result<String> {
        String::from_utf8(self.bytes()?).map_err(malformed)
    }
}

impl Read for Part<'_, '_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let form = &mut *self.form;
        while !buf.is_empty() && form.chunk.is_empty() && form.field.is_some() {
            form.fetch()?;
        }
        let n = form.chunk.len().min(buf.len());
        buf[..n].copy_from_slice(&form.chunk.split_to(n));
        Ok(n)
    }
}

impl fmt::Debug for Multipart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Multipart").finish_non_exhaustive()
    }
}

impl fmt::Debug for Part<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("name", &self.name)
            .field("file_name", &self.file_name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// multer that waits without asking for input would wait for ever: nobody wakes it.
    #[test]
    fn who_asks_for_nothing_gets_an_error() {
        let input = Input {
            piece: AtomicBool::new(false),
            room: AtomicUsize::new(0),
        };
        let mut polls = 0;
        let waits = |_: &mut Context<'_>| {
            polls += 1;
            assert!(polls < 10, "it is polled for ever");
            Poll::<multer::Result<()>>::Pending
        };
        let e = input.drive(waits).unwrap_err();
        assert_eq!(e.kind(), io::ErrorKind::InvalidData);
        assert_eq!(e.to_string(), "http: the form has no end");
    }
}
