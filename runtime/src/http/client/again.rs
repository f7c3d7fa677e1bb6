//! Reading an answer again that had more header fields than usual, without asking again.
//!
//! hyper pays for the number of fields at every answer, so few are allowed until a server has sent more.
//! What it has read of that head is still there when it fails: another of hyper's connections, which allows
//! more, is given the same request and then reads it. What that one writes is not sent.

use super::door::Door;
use super::link::{Io, Left, Link, OneLink, Sent};
use super::sending::SendBody;
use crate::block_on::block_on;
use crate::chan::{Sender, channel};
use crate::context::Context;
use crate::http::line::Line;
use crate::http::{Body, Method};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::rt::{Read, ReadBufCursor, Write};
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll};

/// Has hyper speak HTTP/1.1 on `io`, which reads and writes `line`, in a goroutine. `large`: heads with
/// very many fields are expected.
pub(super) fn start(line: &Arc<Line>, io: Box<dyn Io>, large: bool) -> io::Result<OneLink> {
    /// How many fields and bytes a large head may have.
    const MAX_FIELDS: usize = 10_000;
    const MAX_HEAD: usize = 4 << 20;
    let mut builder = http1::Builder::new();
    if large {
        builder.max_headers(MAX_FIELDS).max_buf_size(MAX_HEAD);
    }
    let (sender, connection) = block_on(builder.handshake(io)).map_err(super::to_io::to_io)?;
    let (tx, left) = channel(1);
    let door = Arc::<Door>::default();
    let (driven, taking) = (line.clone(), door.clone());
    crate::go!(move || drive(&driven, &taking, connection, &tx));
    Ok(OneLink::new(sender, door, line.clone(), left))
}

fn drive(
    line: &Arc<Line>,
    door: &Door,
    mut connection: http1::Connection<Box<dyn Io>, SendBody>,
    left: &Sender<Left>,
) {
    let ended = line.run(poll_fn(|cx| connection.poll_without_shutdown(cx)));
    door.close();
    let http1::Parts {
        mut io, read_buf, ..
    } = connection.into_parts();
    // hyper has told the caller that has asked.
    drop(ended);
    if may_be_large(&read_buf) {
        // The caller that has asked closes it, or reads on.
        let _ = left.try_send(Left { io, read: read_buf });
        return;
    }
    // An orderly end, if that can be sent at once.
    let _ = Pin::new(&mut io).poll_shutdown(&mut Task::from_waker(std::task::Waker::noop()));
    line.close();
}

/// Is that a head which may have been too large?
fn may_be_large(read: &[u8]) -> bool {
    const FIELDS: usize = 100;
    const BYTES: usize = 256 << 10;
    let lines = || read.iter().filter(|&&b| b == b'\n').count();
    read.starts_with(b"HTTP/") && (read.len() >= BYTES || lines() >= FIELDS)
}

/// Reads the answer to a `method`, whose head was too large for the connection of `link`.
/// The new connection is good for this answer alone.
pub(super) fn read_again(
    link: &mut Link,
    method: &Method,
    ctx: Option<&Context>,
) -> io::Result<Option<(Link, Sent)>> {
    let Some((line, Left { io, read })) = link.left() else {
        return Ok(None);
    };
    let io = Box::new(Deaf {
        io,
        read,
        asked: false,
    });
    let mut link = Link::One(start(&line, io, true)?);
    let mut request = hyper::Request::new(SendBody::new(Body::empty(), None));
    *request.method_mut() = method.clone();
    let sent = link.ask(request, ctx)?;
    Ok(Some((link, sent)))
}

/// Sends nothing. Nothing must be read before the request, or it would not count as its answer.
struct Deaf {
    io: Box<dyn Io>,
    read: Bytes,
    asked: bool,
}

impl Read for Deaf {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Task<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.asked {
            return Poll::Pending;
        }
        if self.read.is_empty() {
            return Pin::new(&mut self.io).poll_read(cx, buf);
        }
        let n = self.read.len().min(buf.remaining());
        buf.put_slice(&self.read.split_to(n));
        Poll::Ready(Ok(()))
    }
}

impl Write for Deaf {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Task<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if !self.asked {
            self.asked = true;
            cx.waker().wake_by_ref();
        }
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Task<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Task<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
