//! Is it HTTP/2 that a connection begins with?

use crate::http::shared::{Config, Inner, Served};
use crate::http::socket::Socket;
use crate::net::TcpStream;
use hyper::body::Bytes;
use std::io::{self, Read as _};
use std::sync::Arc;

/// How a connection goes on.
pub(in crate::http) enum Beginning {
    /// And what has been read already.
    Http1(Socket, Bytes),
    Http2(Box<Opened>),
}

/// A connection of HTTP/2.
pub(in crate::http) struct Opened {
    pub(super) stream: TcpStream,
    #[cfg(feature = "tls")]
    pub(super) session: Option<rustls::ServerConnection>,
    /// What has been read already.
    pub(super) before: Bytes,
}

/// `config` with the protocols that we speak, unless it names some itself.
#[cfg(feature = "tls")]
pub(in crate::http) fn offered<C: Clone>(
    mut config: Arc<C>,
    protocols: impl Fn(&mut C) -> &mut Vec<Vec<u8>>,
) -> Arc<C> {
    let names = protocols(Arc::make_mut(&mut config));
    if names.is_empty() {
        *names = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    }
    config
}

/// With TLS both sides have agreed; without, the client's first bytes say it, if the server looks at them.
///
/// # Errors
/// The connection's.
pub(in crate::http) fn begins(
    server: &Arc<Inner>,
    socket: Socket,
    config: &Config,
) -> io::Result<Beginning> {
    match socket {
        #[cfg(feature = "tls")]
        Socket::Secure(secure) if secure.is_http2() => {
            let (stream, session) = secure.into_parts();
            Ok(Beginning::Http2(Box::new(Opened {
                stream,
                session: Some(session),
                before: Bytes::new(),
            })))
        }
        Socket::Tcp(stream) if config.unencrypted_http2 => {
            let (stream, is_http2, before) = look_at(server, stream, config)?;
            Ok(match is_http2 {
                true => Beginning::Http2(Box::new(Opened {
                    stream,
                    #[cfg(feature = "tls")]
                    session: None,
                    before,
                })),
                false => Beginning::Http1(Socket::Tcp(stream), before),
            })
        }
        socket => Ok(Beginning::Http1(socket, Bytes::new())),
    }
}

/// A connection that may become either; the server's end is its own.
struct Undecided(TcpStream);

impl Served for Undecided {
    fn end_in_order(&self) {
        self.cut_off();
    }

    fn cut_off(&self) {
        // It may be closed already.
        let _ = self.0.close();
    }
}

/// Does a client speak HTTP/2? Also gives what was read.
fn look_at(
    server: &Arc<Inner>,
    stream: TcpStream,
    config: &Config,
) -> io::Result<(TcpStream, bool, Bytes)> {
    let mut undecided = Arc::new(Undecided(stream));
    let registered = server
        .register(undecided.clone())
        .ok_or(io::ErrorKind::ConnectionAborted)?;
    let (is_http2, before) = read_preface(&undecided.0, config)?;
    undecided.0.set_read_due(None);
    drop(registered);
    loop {
        match Arc::try_unwrap(undecided) {
            Ok(Undecided(stream)) => return Ok((stream, is_http2, before)),
            // The server's end has it, for a moment.
            Err(shared) => undecided = shared,
        }
        crate::sched::gosched();
    }
}

/// Reads until it is clear. The first bytes are the beginning of a head.
fn read_preface(mut stream: &TcpStream, config: &Config) -> io::Result<(bool, Bytes)> {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let mut bytes = [0; PREFACE.len()];
    let mut n = 0;
    stream.set_read_limit(config.idle_timeout);
    while n < PREFACE.len() {
        let more = stream.read(&mut bytes[n..])?;
        if n == 0 {
            stream.set_read_limit(config.read_header_timeout);
        }
        n += more;
        if more == 0 || bytes[..n] != PREFACE[..n] {
            return Ok((false, Bytes::copy_from_slice(&bytes[..n])));
        }
    }
    Ok((true, Bytes::from_static(PREFACE)))
}
