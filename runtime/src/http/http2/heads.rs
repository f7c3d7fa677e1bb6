//! [`Heads`]: notices a head that begins to come and does not end.

use super::multi::Multi;
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// What a connection reads and writes; follows the frames that come in.
pub(super) struct Heads<T> {
    io: T,
    multi: Arc<Multi>,
    frames: Frames,
}

impl<T> Heads<T> {
    pub(super) fn new(io: T, multi: &Arc<Multi>) -> Heads<T> {
        Heads {
            io,
            multi: multi.clone(),
            frames: Frames::new(),
        }
    }
}

/// Where in a frame the last byte was that has come.
struct Frames {
    /// How much of the preface or of a frame's payload is to come.
    payload: usize,
    /// A frame's first nine bytes, as far as they have come.
    first: [u8; 9],
    come: usize,
    /// This is, or was, a part of a head whose last part is still to come.
    in_head: bool,
    /// The last part of it.
    is_last: bool,
}

impl Frames {
    fn new() -> Frames {
        const PREFACE: usize = 24;
        Frames {
            payload: PREFACE,
            first: [0; 9],
            come: 0,
            in_head: false,
            is_last: false,
        }
    }

    /// Calls `ended` for each head that has ended.
    fn follow(&mut self, mut bytes: &[u8], mut ended: impl FnMut()) {
        const HEADERS: u8 = 1;
        const END_HEADERS: u8 = 4;
        while !bytes.is_empty() {
            let n = self.payload.min(bytes.len());
            self.payload -= n;
            bytes = &bytes[n..];
            if self.payload == 0 && self.come < self.first.len() {
                let n = (self.first.len() - self.come).min(bytes.len());
                self.first[self.come..][..n].copy_from_slice(&bytes[..n]);
                self.come += n;
                bytes = &bytes[n..];
                if self.come < self.first.len() {
                    return;
                }
                let [a, b, c, kind, flags, ..] = self.first;
                self.payload = u32::from_be_bytes([0, a, b, c]) as usize;
                // What follows, until its end, can only be the rest of it.
                self.in_head |= kind == HEADERS;
                self.is_last = self.in_head && flags & END_HEADERS != 0;
            }
            if self.payload == 0 && self.come == self.first.len() {
                self.come = 0;
                if self.is_last {
                    self.in_head = false;
                    self.is_last = false;
                    ended();
                }
            }
        }
    }
}

impl<T: Read + Unpin> Read for Heads<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let me = &mut *self;
        // SAFETY: nothing is taken out of the part that is initialised already.
        let mut part = ReadBuf::uninit(unsafe { buf.as_mut() });
        ready!(Pin::new(&mut me.io).poll_read(cx, part.unfilled()))?;
        let n = part.filled().len();
        me.frames.follow(part.filled(), || me.multi.head_ends());
        if me.frames.in_head {
            me.multi.head_comes();
        }
        // SAFETY: these are the first `n` bytes of `buf`, which `part` has had filled.
        unsafe { buf.advance(n) };
        Poll::Ready(Ok(()))
    }
}

impl<T: Write + Unpin> Write for Heads<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
