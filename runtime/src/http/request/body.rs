//! The body of a request, read as it comes in.

use super::{Incoming, Request};
use crate::sync::Mutex;
use hyper::body::{Body as _, Bytes};
use std::fmt;
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

/// What is left of the body.
pub(super) struct BodyState(Mutex<Left>);

struct Left {
    /// Read from the connection and not taken yet.
    chunk: Bytes,
    /// What is still to come; `None`: nothing.
    incoming: Option<Incoming>,
}

impl BodyState {
    pub(super) fn of_bytes(bytes: Vec<u8>) -> Self {
        BodyState(Mutex::new(Left {
            chunk: bytes.into(),
            incoming: None,
        }))
    }

    pub(super) fn of_incoming(incoming: Incoming) -> Self {
        BodyState(Mutex::new(Left {
            chunk: Bytes::new(),
            incoming: Some(incoming).filter(|b| !b.is_end_stream()),
        }))
    }

    /// Has all of it been read from the connection?
    pub(super) fn is_read(&self) -> bool {
        self.0.lock().incoming.is_none()
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
        let conn = self.0.conn.as_ref();
        // The connection was polled, and that brought nothing for us.
        let mut polled = false;
        while let (Some(incoming), Some(conn)) = (&mut left.incoming, conn) {
            let mut cx = Context::from_waker(conn.waker());
            match Pin::new(incoming).poll_frame(&mut cx) {
                Poll::Ready(None) => left.incoming = None,
                Poll::Ready(Some(Err(e))) => return Err(broken_off(e)),
                Poll::Ready(Some(Ok(frame))) => {
                    // Trailers are passed over.
                    if let Ok(data) = frame.into_data()
                        && !data.is_empty()
                    {
                        left.chunk = data;
                        return Ok(());
                    }
                }
                Poll::Pending => {
                    conn.read_more(polled)?;
                    polled = true;
                }
            }
        }
        Ok(())
    }
}

fn broken_off(e: hyper::Error) -> io::Error {
    let mut source = std::error::Error::source(&e);
    let kind = loop {
        match source {
            Some(e) if let Some(e) = e.downcast_ref::<io::Error>() => break e.kind(),
            Some(e) => source = e.source(),
            None if e.is_incomplete_message() => break io::ErrorKind::UnexpectedEof,
            None => break io::ErrorKind::InvalidData,
        }
    };
    io::Error::new(kind, e)
}

impl Read for RequestBody<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut left = self.0.body.0.lock();
        if left.chunk.is_empty() {
            self.fetch(&mut left)?;
        }
        let n = left.chunk.len().min(buf.len());
        buf[..n].copy_from_slice(&left.chunk.split_to(n));
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
