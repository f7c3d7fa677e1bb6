//! What a response carries: nothing, bytes, or whatever can be read.

use super::HeaderMap;
use super::request::StillAnswering;
use super::trailers::{Came, Trailers};
use hyper::body::{Body as _, Bytes, Frame, SizeHint};
use std::fmt;
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// The body of a [`Response`](super::Response).
///
/// It is made from text, bytes, or by [`Body::reader`]; reading it gives its bytes.
#[derive(Default)]
pub struct Body {
    kind: Kind,
    trailers: Option<Box<Trailers>>,
}

#[derive(Default)]
enum Kind {
    #[default]
    Empty,
    Bytes(Bytes),
    Reader {
        source: Box<dyn Read + Send>,
        len: Option<u64>,
        /// What has been read is on its way to the peer.
        flushed: bool,
        /// The context of the request that this answers, if the handler uses it.
        request: Option<StillAnswering>,
    },
    Declared(Box<Declared>),
}

/// A body whose handler has said how long it is: it gives exactly that, or breaks off.
struct Declared {
    body: Body,
    /// What is still to come.
    left: u64,
    /// Reported at the next poll: what comes before it must be sent first.
    fault: Option<&'static str>,
}

/// What a body is made of.
pub(super) enum Whole {
    Bytes(Bytes),
    /// And what comes after it.
    Reader(Box<dyn Read + Send>, Option<Box<Trailers>>),
}

/// How much is read from a reader at once.
const CHUNK: usize = 16 << 10;

impl Body {
    /// No body.
    pub fn empty() -> Body {
        Body::default()
    }

    /// What `source` gives, piece by piece: each piece is sent before the next is read, so the
    /// reader may wait for events, and a file of any size needs little memory.
    ///
    /// ```
    /// use goroutines::http::{Body, Response};
    /// use std::io::Write;
    ///
    /// let (reader, mut writer) = goroutines::io::pipe();
    /// goroutines::go!({
    ///     for i in 0..3 {
    ///         writeln!(writer, "event {i}").unwrap();
    ///     }
    /// });
    /// let response = Response::new(Body::reader(reader));
    /// assert_eq!(response.text()?, "event 0\nevent 1\nevent 2\n");
    /// # std::io::Result::Ok(())
    /// ```
    pub fn reader(source: impl Read + Send + 'static) -> Body {
        Self::of(source, None)
    }

    /// A reader that gives `len` bytes: the peer is told that number.
    pub fn sized_reader(source: impl Read + Send + 'static, len: u64) -> Body {
        Self::of(source.take(len), Some(len))
    }

    /// What `source` gives, which is `len` bytes, if that is known.
    pub(super) fn of(source: impl Read + Send + 'static, len: Option<u64>) -> Body {
        Kind::Reader {
            source: Box::new(source),
            len,
            flushed: true,
            request: None,
        }
        .into()
    }

    /// The same with trailers, which `make` gives when all of it has been read.
    pub(super) fn with_trailers(self, make: impl FnOnce() -> HeaderMap + Send + 'static) -> Body {
        self.trailed(Some(Box::new(Trailers::Made(Box::new(make)))))
    }

    /// The same; its trailers will be in `came`.
    pub(super) fn with_came(self, came: Came) -> Body {
        self.trailed(Some(Box::new(Trailers::Come(came))))
    }

    pub(super) fn take_trailers(&mut self) -> Option<Box<Trailers>> {
        self.trailers.take()
    }

    pub(super) fn trailed(mut self, trailers: Option<Box<Trailers>>) -> Body {
        self.trailers = trailers;
        self
    }

    /// The trailers that have come with it, if it was received and has been read to its end.
    pub(super) fn came(&self) -> Option<&HeaderMap> {
        match self.trailers.as_deref() {
            Some(Trailers::Come(came)) => came.get(),
            _ => None,
        }
    }

    /// Is nothing of the user's to be asked for it?
    pub(super) fn is_plain(&self) -> bool {
        self.trailers.is_none() && matches!(self.kind, Kind::Empty | Kind::Bytes(_))
    }

    /// It is an answer's: keeps the request's context until it has been sent.
    pub(super) fn answering(&mut self, to: Option<StillAnswering>) {
        match &mut self.kind {
            Kind::Reader { request, .. } => *request = to,
            Kind::Declared(declared) => declared.body.answering(to),
            Kind::Empty | Kind::Bytes(_) => {}
        }
    }

    /// A body that its handler has declared to be `len` bytes long.
    pub(super) fn declared(mut self, len: u64) -> Body {
        let trailers = self.take_trailers();
        let declared = Declared {
            body: self,
            left: len,
            fault: None,
        };
        Body::from(Kind::Declared(Box::new(declared))).trailed(trailers)
    }

    /// Are there more than `most` bytes that need not be read first?
    pub(super) fn has_more_than(&self, most: usize) -> bool {
        matches!(&self.kind, Kind::Bytes(bytes) if bytes.len() > most)
    }

    /// Takes the first `n` of these.
    pub(super) fn split_to(&mut self, n: usize) -> Bytes {
        match &mut self.kind {
            Kind::Bytes(bytes) => bytes.split_to(n),
            _ => Bytes::new(),
        }
    }

    /// All of it, or what gives it.
    pub(super) fn into_whole(mut self) -> Whole {
        match self.kind {
            Kind::Empty | Kind::Bytes(_) if self.trailers.is_some() => {
                let trailers = self.trailers.take();
                Whole::Reader(Box::new(self), trailers)
            }
            Kind::Empty => Whole::Bytes(Bytes::new()),
            Kind::Bytes(bytes) => Whole::Bytes(bytes),
            Kind::Reader { source, .. } => Whole::Reader(source, self.trailers),
            Kind::Declared(declared) => declared.body.trailed(self.trailers).into_whole(),
        }
    }

    /// All of it, if nothing must be read for that.
    #[cfg(feature = "http2")]
    pub(super) fn into_bytes(self) -> Result<Bytes, Body> {
        match self.kind {
            Kind::Empty if self.trailers.is_none() => Ok(Bytes::new()),
            Kind::Bytes(bytes) if self.trailers.is_none() => Ok(bytes),
            _ => Err(self),
        }
    }

    /// The same again, if it can be had again.
    pub(super) fn again(&self) -> Option<Body> {
        match &self.kind {
            _ if self.trailers.is_some() => None,
            Kind::Empty => Some(Body::empty()),
            Kind::Bytes(bytes) => Some(bytes.clone().into()),
            Kind::Reader { .. } | Kind::Declared(_) => None,
        }
    }

    /// How long it is, if that is known.
    pub fn len(&self) -> Option<u64> {
        match &self.kind {
            Kind::Empty => Some(0),
            Kind::Bytes(b) => Some(b.len() as u64),
            Kind::Reader { len, .. } => *len,
            Kind::Declared(declared) => Some(declared.left),
        }
    }

    /// Is it known to be empty?
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }
}

impl Read for Body {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match &mut self.kind {
            Kind::Empty => Ok(0),
            Kind::Bytes(bytes) => {
                let n = bytes.len().min(buf.len());
                buf[..n].copy_from_slice(&bytes.split_to(n));
                Ok(n)
            }
            Kind::Reader { source, .. } => source.read(buf),
            Kind::Declared(declared) => declared.body.read(buf),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("len", &self.len()).finish()
    }
}

impl Declared {
    /// A piece that goes beyond what is left is refused as a whole (Go's `ErrContentLength`); so is an
    /// end before that.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(fault) = self.fault {
            return Poll::Ready(Some(Err(io::Error::other(fault))));
        }
        let fault = match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
            Some(Ok(frame)) => {
                let len = frame.data_ref().map_or(0, |data| data.len() as u64);
                if len <= self.left {
                    self.left -= len;
                    return Poll::Ready(Some(Ok(frame)));
                }
                "http: wrote more than the declared content-length"
            }
            None if self.left > 0 => "http: wrote less than the declared content-length",
            end => return Poll::Ready(end),
        };
        self.fault = Some(fault);
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

macro_rules! from_bytes {
    ($($T:ty),*) => {
        $(impl From<$T> for Body {
            fn from(bytes: $T) -> Body {
                Kind::Bytes(Bytes::from(bytes)).into()
            }
        })*
    };
}

from_bytes!(Bytes, String, Vec<u8>, &'static str, &'static [u8]);

impl From<Kind> for Body {
    fn from(kind: Kind) -> Body {
        let trailers = None;
        Body { kind, trailers }
    }
}

impl From<()> for Body {
    fn from((): ()) -> Body {
        Body::empty()
    }
}

/// How hyper takes it.
impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let frame = ready!(self.kind.poll(cx));
        if frame.is_some() {
            return Poll::Ready(frame);
        }
        let trailers = self.trailers.take().map(|trailers| trailers.get());
        let trailers = trailers.filter(|trailers| !trailers.is_empty());
        Poll::Ready(trailers.map(|trailers| Ok(Frame::trailers(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.is_empty() && self.trailers.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        // HTTP/1.1 has trailers after chunks only.
        let made = matches!(self.trailers.as_deref(), Some(Trailers::Made(_)));
        let len = self.len().filter(|_| !made);
        len.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Kind {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let chunk = match self {
            Kind::Empty => return Poll::Ready(None),
            Kind::Bytes(bytes) => std::mem::take(bytes),
            Kind::Declared(declared) => return declared.poll(cx),
            Kind::Reader {
                source,
                flushed,
                request,
                ..
            } => {
                // The read may wait for long. Pending, once, makes hyper send what it has.
                if !*flushed {
                    *flushed = true;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                *flushed = false;
                let mut buf = vec![0; CHUNK];
                let mut read = || {
                    loop {
                        match source.read(&mut buf) {
                            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                            result => return result,
                        }
                    }
                };
                let n = match request {
                    Some(request) => request.watching(read),
                    None => read(),
                }?;
                buf.truncate(n);
                Bytes::from(buf)
            }
        };
        if chunk.is_empty() {
            *self = Kind::Empty;
            return Poll::Ready(None);
        }
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }
}
