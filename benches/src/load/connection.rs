//! One connection of the closed loop: it sends a request and says when the answer to it is complete.

use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Instant;

use bench_kit::ECHO_BYTES;
use mio::net::TcpStream;

/// What is spoken on a connection.
#[derive(Clone, Copy)]
pub(super) enum Protocol {
    /// The answer is the request.
    Echo,
    /// HTTP/1.1 with keep-alive.
    Http,
}

const HTTP_REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

impl Protocol {
    pub(super) fn request(self) -> &'static [u8] {
        match self {
            Self::Echo => &[b'x'; ECHO_BYTES],
            Self::Http => HTTP_REQUEST,
        }
    }

    /// Whether these bytes are a whole answer.
    fn complete(self, answer: &[u8]) -> io::Result<bool> {
        match self {
            Self::Echo => Ok(answer.len() >= ECHO_BYTES),
            Self::Http => http_complete(answer),
        }
    }
}

/// A connection and the answer that it is waiting for.
pub(super) struct Connection {
    protocol: Protocol,
    stream: TcpStream,
    answer: [u8; 1024],
    filled: usize,
    /// When the request under way was sent.
    pub(super) sent: Instant,
}

impl Connection {
    /// Connects, waiting for it: so that no server has to take more at once than its backlog.
    pub(super) fn open(protocol: Protocol, at: SocketAddr) -> io::Result<Self> {
        let stream = std::net::TcpStream::connect(at)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let stream = TcpStream::from_std(stream);
        Ok(Self {
            protocol,
            stream,
            answer: [0; 1024],
            filled: 0,
            sent: Instant::now(),
        })
    }

    pub(super) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Sends the next request. It is small, and nothing is in the send buffer: it goes in one piece or something is
    /// wrong.
    pub(super) fn send(&mut self) -> io::Result<()> {
        self.filled = 0;
        self.sent = Instant::now();
        self.stream.write_all(self.protocol.request())
    }

    /// Reads what there is; true when that completes the answer.
    pub(super) fn receive(&mut self) -> io::Result<bool> {
        loop {
            match self.stream.read(&mut self.answer[self.filled..]) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => self.filled += n,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            if self.protocol.complete(&self.answer[..self.filled])? {
                return Ok(true);
            }
        }
    }
}

/// Whether this is a whole response: its head, and as many bytes more as its `content-length` says.
fn http_complete(answer: &[u8]) -> io::Result<bool> {
    let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let Some(head) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(false);
    };
    let text =
        std::str::from_utf8(&answer[..head]).map_err(|_| wrong("a head that is not text"))?;
    let mut lines = text.split("\r\n");
    if !lines
        .next()
        .is_some_and(|status| status.starts_with("HTTP/1.1 200"))
    {
        return Err(wrong("not 200 OK"));
    }
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse::<usize>().ok())
        .ok_or_else(|| wrong("no content-length"))?;
    Ok(answer.len() >= head + 4 + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_complete_with_its_last_byte() {
        let response = b"HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 5\r\n\r\nhello";
        assert!(http_complete(response).expect("well formed"));
        assert!(
            (0..response.len()).all(|cut| !http_complete(&response[..cut]).expect("well formed"))
        );
    }

    #[test]
    fn an_error_page_is_no_answer() {
        let response = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(
            http_complete(response).expect_err("refused").to_string(),
            "not 200 OK"
        );
    }
}
