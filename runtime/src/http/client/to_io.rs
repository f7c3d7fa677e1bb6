//! What hyper says of a failure, as an error of input and output.

use std::io;

/// hyper's error as one of input and output: of the kind that it stems from.
pub(super) fn to_io(e: hyper::Error) -> io::Error {
    let mut source = std::error::Error::source(&e);
    let kind = loop {
        match source {
            Some(e) => match e.downcast_ref::<io::Error>() {
                Some(e) => break e.kind(),
                None => source = e.source(),
            },
            None if e.is_incomplete_message() || e.is_canceled() || e.is_closed() => {
                break io::ErrorKind::UnexpectedEof;
            }
            None if e.is_parse() => break io::ErrorKind::InvalidData,
            None => break io::ErrorKind::Other,
        }
    };
    io::Error::new(kind, e)
}
