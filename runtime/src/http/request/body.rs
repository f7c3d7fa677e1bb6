//! The body of a request, read as it comes in.

use super::{Incoming, Origin, Request};
use crate::http::error::Fault;
use crate::http::{HeaderMap, StatusCode};
use crate::sync::Mutex;
use hyper::body::{Body as _, Bytes, Frame};
use std::fmt;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

/// What is left of the body.
pub(super) struct BodyState {
    /// It is the owner's, or was lent by who had it.
    has_it: bool,
    left: Mutex<Left>,
    /// How many bytes may be read in all.
    limit: AtomicU64,
    /// Another goroutine has it, or had it: see [`BodyState::lend`].
    gone: AtomicBool,
    /// It came malformed, or not at all.
    broken: AtomicBool,
}

#[derive(Default)]
struct Left {
    /// How many have been taken.
    taken: u64,
    /// Read from the connection and not taken yet.
    chunk: Bytes,
    /// What is still to come; `None`: nothing.
    incoming: Option<Incoming>,
    /// What came after it.
    trailers: Option<HeaderMap>,
    /// Another request has what is still to come, and may be reading it.
    lent: bool,
}

impl BodyState {
    fn new(chunk: Bytes, incoming: Option<Incoming>) -> Self {
        BodyState {
            has_it: true,
            left: Mutex::new(Left {
                taken: 0,
                chunk,
                incoming,
                trailers: None,
                lent: false,
            }),
            limit: AtomicU64::new(u64::MAX),
            gone: AtomicBool::new(false),
            broken: AtomicBool::new(false),
        }
    }

    pub(super) fn of_bytes(bytes: Vec<u8>) -> Self {
        Self::new(bytes.into(), None)
    }

    pub(super) fn of_incoming(incoming: Incoming) -> Self {
        Self::new(Bytes::new(), Some(incoming).filter(|b| !b.is_end_stream()))
    }

    /// Has all of it been read from the connection?
    pub(super) fn is_read(&self) -> bool {
        let left = self.left.lock();
        left.incoming.is_none() && !left.lent
    }

    /// The same, for who has the request alone.
    pub(super) fn is_read_to_end(&mut self) -> bool {
        self.left.get_mut().incoming.is_none()
    }

    pub(super) fn trailers(&self) -> HeaderMap {
        self.left.lock().trailers.clone().unwrap_or_default()
    }

    /// Has anything come after it, if only a line that is none?
    pub(super) fn has_trailers(&mut self) -> bool {
        self.left.get_mut().trailers.is_some()
    }

    /// Passes over what is left, as long as `next` has something and it is little.
    pub(super) fn skim(
        &mut self,
        mut next: impl FnMut(&mut Incoming) -> Poll<Option<hyper::Result<Frame<Bytes>>>>,
    ) {
        /// As Go's server.
        const MOST: usize = 256 << 10;
        let left = self.left.get_mut();
        let mut passed = 0;
        while let Some(incoming) = &mut left.incoming
            && passed < MOST
        {
            match next(incoming) {
                Poll::Pending => return,
                Poll::Ready(None) => left.incoming = None,
                Poll::Ready(Some(Err(_))) => {
                    self.broken.store(true, Ordering::Relaxed);
                    return;
                }
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => passed += data.len(),
                    Err(frame) => left.trailers = frame.into_trailers().ok(),
                },
            }
        }
    }

    pub(super) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    pub(super) fn set_limit(&self, limit: u64) {
        self.limit.store(limit, Ordering::Relaxed);
    }

    pub(super) fn limit(&self) -> Option<u64> {
        let limit = self.limit.load(Ordering::Relaxed);
        (limit != u64::MAX).then_some(limit)
    }

    /// What is left goes to another request, until that gives it [`back`](Self::take_back).
    pub(super) fn lend(&self) -> Self {
        let mut left = self.left.lock();
        // While another has it, there is nothing to lend: what is out stays marked here, and only here.
        let has_it = !left.lent;
        let all = match has_it {
            true => std::mem::take(&mut *left),
            false => Left::default(),
        };
        left.lent |= all.incoming.is_some();
        let lent = BodyState {
            has_it,
            left: Mutex::new(all),
            limit: AtomicU64::new(self.limit.load(Ordering::Relaxed)),
            // What was taken back stays so: what is left of it is not here.
            gone: AtomicBool::new(self.gone.load(Ordering::Relaxed)),
            broken: AtomicBool::new(false),
        };
        drop(left);
        lent
    }

    /// Ends the reads of `lent`, blocked and later ones, and takes back what it has left.
    pub(super) fn take_back(&self, lent: &Self, conn: Option<&dyn Origin>) {
        // Relaxed: what must be seen is seen under the lock.
        lent.gone.store(true, Ordering::Relaxed);
        if !lent.has_it {
            return;
        }
        let mut theirs = loop {
            // If that has lent it in turn, it gets it back, as its context is done.
            if let Some(left) = lent.left.try_lock().filter(|left| !left.lent) {
                break left;
            }
            // A reader that was about to wait has not seen it. Its wait ends, perhaps at the second try.
            if let Some(conn) = conn {
                conn.end_wait();
            }
            crate::time::sleep(Duration::from_millis(1));
        };
        if let Some(conn) = conn {
            conn.allow_waits();
        }
        self.broken.fetch_or(lent.is_broken(), Ordering::Relaxed);
        let mut ours = self.left.lock();
        std::mem::swap(&mut *ours, &mut *theirs);
    }
}

/// The body of a [`Request`]: read it as any stream.
///
/// # Errors
/// `UnexpectedEof` and others when the client breaks off, `TimedOut` when it stops sending,
/// `InvalidData` for what is malformed.
///
/// # Suspends
/// `read`, until there is more.
pub struct RequestBody<'a>(&'a Request);

impl<'a> RequestBody<'a> {
    pub(super) fn new(request: &'a Request) -> Self {
        Self(request)
    }

    /// Fills the chunk; leaves it empty at the end.
    fn fetch(&self, left: &mut Left) -> io::Result<()> {
        let conn = self.0.conn.as_deref();
        if self.0.body.gone.load(Ordering::Relaxed) {
            let gone = "http: the body was taken back from the handler";
            return Err(io::Error::new(io::ErrorKind::TimedOut, gone));
        }
        while let (Some(incoming), Some(conn)) = (&mut left.incoming, conn) {
            match conn.next_frame(incoming).map_err(too_slow)? {
                None => left.incoming = None,
                Some(Err(e)) => return Err(broken_off(e)),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => {
                        left.chunk = data;
                        return Ok(());
                    }
                    Ok(_) => {}
                    Err(frame) => left.trailers = frame.into_trailers().ok(),
                },
            }
        }
        Ok(())
    }
}

/// Go's `MaxBytesError`.
pub(super) fn too_large() -> io::Error {
    let fault = Fault::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "http: request body too large",
    );
    fault.into_io(io::ErrorKind::FileTooLarge)
}

/// A client's fault.
fn too_slow(e: io::Error) -> io::Error {
    match e.kind() {
        io::ErrorKind::TimedOut => {
            Fault::new(StatusCode::REQUEST_TIMEOUT, e).into_io(io::ErrorKind::TimedOut)
        }
        _ => e,
    }
}

fn broken_off(e: hyper::Error) -> io::Error {
    let mut source = std::error::Error::source(&e);
    let kind = loop {
        match source {
            Some(e) => match e.downcast_ref::<io::Error>() {
                Some(e) => break e.kind(),
                None => source = e.source(),
            },
            None if e.is_incomplete_message() => break io::ErrorKind::UnexpectedEof,
            None => break io::ErrorKind::InvalidData,
        }
    };
    Fault::new(StatusCode::BAD_REQUEST, e).into_io(kind)
}

impl Read for RequestBody<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        let state = &self.0.body;
        let mut left = state.left.lock();
        if left.chunk.is_empty() {
            // Relaxed: the handler, which may be another goroutine, has ended before it is looked at.
            self.fetch(&mut left)
                .inspect_err(|_| state.broken.store(true, Ordering::Relaxed))?;
        }
        let allowed = state
            .limit
            .load(Ordering::Relaxed)
            .saturating_sub(left.taken);
        let allowed = usize::try_from(allowed).unwrap_or(usize::MAX);
        if allowed == 0 && !left.chunk.is_empty() {
            return Err(too_large());
        }
        let n = left.chunk.len().min(buf.len()).min(allowed);
        buf[..n].copy_from_slice(&left.chunk.split_to(n));
        left.taken += n as u64;
        let read = left.incoming.is_none();
        drop(left);
        if read {
            self.0.watch_client();
        }
        Ok(n)
    }
}

impl fmt::Debug for RequestBody<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestBody")
    }
}
