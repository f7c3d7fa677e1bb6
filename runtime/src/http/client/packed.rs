//! Answers that come compressed: the features `gzip`, `br` and `zstd`.

use super::answer::AnswerBody;
use crate::http::{Body, HeaderValue};
use std::io::{self, Chain, Cursor, Read};
use std::mem;

/// What `accept-encoding` says; empty: nothing.
pub(super) const ACCEPTED: &str = match (
    cfg!(feature = "gzip"),
    cfg!(feature = "br"),
    cfg!(feature = "zstd"),
) {
    (false, false, false) => "",
    (true, false, false) => "gzip",
    (false, true, false) => "br",
    (false, false, true) => "zstd",
    (true, true, false) => "gzip, br",
    (true, false, true) => "gzip, zstd",
    (false, true, true) => "br, zstd",
    (true, true, true) => "gzip, br, zstd",
};

/// What is in a body of that coding; the body again, if it is none of ours.
pub(super) fn unpack(coding: &HeaderValue, body: AnswerBody) -> Result<Body, Box<AnswerBody>> {
    match decoder(&coding.as_bytes().to_ascii_lowercase()) {
        Some(begin) => Ok(Body::of(Unpacked::New(body, begin), None)),
        None => Err(Box::new(body)),
    }
}

/// Begins to decode. It may read what the first bytes say.
type Begin = fn(Packed) -> io::Result<Box<dyn Read + Send>>;

/// A body, with the byte that has been read of it.
type Packed = Chain<Cursor<[u8; 1]>, AnswerBody>;

fn decoder(coding: &[u8]) -> Option<Begin> {
    match coding {
        #[cfg(feature = "gzip")]
        b"gzip" => Some(|packed| Ok(Box::new(flate2::read::MultiGzDecoder::new(packed)))),
        #[cfg(feature = "br")]
        b"br" => Some(|packed| {
            const BUFFER: usize = 4096;
            let decoder = brotli_decompressor::Decompressor::new(packed, BUFFER);
            Ok(Box::new(decoder))
        }),
        // All frames, one after another; each with its checksum, if it has one.
        #[cfg(feature = "zstd")]
        b"zstd" => Some(|packed| {
            /// 8 MiB, the largest window of this coding (RFC 9659).
            const WINDOW_LOG: u32 = 23;
            let mut decoder = zstd::stream::read::Decoder::new(packed)?;
            decoder.window_log_max(WINDOW_LOG)?;
            Ok(Box::new(decoder))
        }),
        _ => None,
    }
}

/// Looks at the first byte at the first read, not before: it may not have come. There may be none: then
/// nothing was compressed.
enum Unpacked {
    New(AnswerBody, Begin),
    Begun(Box<dyn Read + Send>),
    End,
    Broken,
}

impl Unpacked {
    fn begin(mut body: AnswerBody, begin: Begin) -> io::Result<Unpacked> {
        let mut first = [0];
        if body.read(&mut first)? == 0 {
            return Ok(Unpacked::End);
        }
        begin(Cursor::new(first).chain(body)).map(Unpacked::Begun)
    }
}

impl Read for Unpacked {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        // Broken, if this fails.
        let (now, read) = match mem::replace(self, Unpacked::Broken) {
            Unpacked::New(body, begin) => {
                *self = Unpacked::begin(body, begin)?;
                return self.read(buf);
            }
            Unpacked::Begun(mut decoder) => {
                let n = decoder.read(buf)?;
                (Unpacked::Begun(decoder), n)
            }
            Unpacked::End => (Unpacked::End, 0),
            Unpacked::Broken => return Err(io::Error::other("http: read after an error")),
        };
        *self = now;
        Ok(read)
    }
}
