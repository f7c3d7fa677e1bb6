//! Answers that come compressed: the features `gzip`, `br` and `zstd`.

use super::answer::AnswerBody;
use crate::http::{Body, HeaderValue};

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
    let coding = coding.as_bytes().to_ascii_lowercase();
    match &coding[..] {
        #[cfg(feature = "gzip")]
        b"gzip" => Ok(Body::of(flate2::read::MultiGzDecoder::new(body), None)),
        #[cfg(feature = "br")]
        b"br" => {
            const BUFFER: usize = 4096;
            let unpacked = brotli_decompressor::Decompressor::new(body, BUFFER);
            Ok(Body::of(unpacked, None))
        }
        #[cfg(feature = "zstd")]
        b"zstd" => Ok(Body::of(zstd::Unpacked::new(body), None)),
        _ => Err(Box::new(body)),
    }
}

#[cfg(feature = "zstd")]
mod zstd {
    use super::AnswerBody;
    use ruzstd::decoding::StreamingDecoder;
    use std::io::{self, Read};

    type Decoder = StreamingDecoder<AnswerBody, ruzstd::decoding::FrameDecoder>;

    /// Looks at the first bytes at the first read, not before: they may not have come.
    pub(super) enum Unpacked {
        New(AnswerBody),
        Begun(Box<Decoder>),
        Broken,
    }

    impl Unpacked {
        pub(super) fn new(body: AnswerBody) -> Unpacked {
            Unpacked::New(body)
        }
    }

    impl Read for Unpacked {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            if matches!(self, Unpacked::New(_))
                && let Unpacked::New(body) = std::mem::replace(self, Unpacked::Broken)
            {
                let decoder = StreamingDecoder::new(body);
                let invalid = |e| io::Error::new(io::ErrorKind::InvalidData, format!("{e}"));
                *self = Unpacked::Begun(Box::new(decoder.map_err(invalid)?));
            }
            match self {
                Unpacked::Begun(decoder) => decoder.read(buf),
                _ => Err(io::Error::other("http: read after an error")),
            }
        }
    }
}
