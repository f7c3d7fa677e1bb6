//! Opening connections: straight or by a proxy, with and without encryption.

use super::again;
use super::link::Link;
#[cfg(feature = "http2")]
use super::shared_link;
use super::target::Target;
#[cfg(feature = "tls")]
use super::tls;
use crate::context::{self, Context};
#[cfg(feature = "tls")]
use crate::http::encrypted::Encrypted;
use crate::http::line::{Line, Plain};
use crate::http::wait::check;
use crate::net::{self, Conn, TcpStream};
use hyper::body::Bytes;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Duration;

/// What a client knows about making connections.
#[derive(Default)]
pub(super) struct Dialer {
    #[cfg(feature = "tls")]
    pub(super) tls: Option<Arc<rustls::ClientConfig>>,
    #[cfg(feature = "http2")]
    pub(super) unencrypted_http2: bool,
}

/// How long each may take; as Go's `DefaultTransport`.
const CONNECT: Duration = Duration::from_secs(30);
#[cfg(feature = "tls")]
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How large an answer's head may be.
#[cfg(feature = "http2")]
const MAX_HEAD: u32 = 4 << 20;

impl Dialer {
    /// Connects to where `target` lies. `large`: heads with very many fields are expected.
    pub(super) fn dial(
        &self,
        target: &Target,
        large: bool,
        ctx: Option<&Context>,
    ) -> io::Result<Link> {
        let parent = ctx.cloned().unwrap_or_else(context::background);
        let dialed = {
            let (within, cancel) = context::with_timeout(&parent, CONNECT);
            let dialed = net::dial_context(&within, "tcp", target.address());
            cancel();
            dialed
        };
        // An error that came because the context was done is reported as the context's.
        let told = |e| check(ctx).err().unwrap_or(e);
        let Conn::Tcp(stream) = dialed.map_err(told)? else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        let stream = Arc::new(stream);
        if let Some(socks) = target.socks() {
            closing(&stream, &parent, |stream| socks.connect(stream)).map_err(told)?;
        }
        if let Some(head) = target.tunnel() {
            closing(&stream, &parent, |stream| open_tunnel(stream, &head)).map_err(told)?;
        }
        if target.is_https() {
            return self.encrypt(stream, target, large, &parent).map_err(told);
        }
        let line = Line::new(unshare(stream)?);
        let io = Plain::new(line.clone(), Bytes::new());
        #[cfg(feature = "http2")]
        // A proxy that gets the request itself is no such server.
        if self.unencrypted_http2 && target.forwarder().is_none() {
            return Ok(Link::Shared(shared_link::start(
                &line, io, MAX_HEAD, &parent,
            )?));
        }
        Ok(Link::One(again::start(&line, Box::new(io), large)?))
    }

    #[cfg(feature = "tls")]
    fn encrypt(
        &self,
        stream: Arc<TcpStream>,
        target: &Target,
        large: bool,
        parent: &Context,
    ) -> io::Result<Link> {
        let config = match &self.tls {
            Some(config) => config.clone(),
            None => tls::default_config()?,
        };
        let (ctx, cancel) = context::with_timeout(parent, HANDSHAKE);
        let session = closing(&stream, &ctx, |stream| {
            tls::handshake(config, target.host(), stream)
        });
        cancel();
        let line = Line::new(unshare(stream)?);
        let session = session?;
        #[cfg(feature = "http2")]
        if session.alpn_protocol() == Some(b"h2") {
            let io = Encrypted::new(line.clone(), session.into());
            return Ok(Link::Shared(shared_link::start(
                &line, io, MAX_HEAD, parent,
            )?));
        }
        let io = Encrypted::new(line.clone(), session.into());
        Ok(Link::One(again::start(&line, Box::new(io), large)?))
    }

    #[cfg(not(feature = "tls"))]
    #[allow(clippy::unused_self, clippy::needless_pass_by_value)]
    fn encrypt(
        &self,
        _stream: Arc<TcpStream>,
        _target: &Target,
        _large: bool,
        _ctx: &Context,
    ) -> io::Result<Link> {
        let text = "http: https needs the feature `tls` of the crate goroutines";
        Err(io::Error::new(io::ErrorKind::Unsupported, text))
    }
}

/// No other goroutine has it any more, except perhaps one that is about to let it go.
fn unshare(mut stream: Arc<TcpStream>) -> io::Result<TcpStream> {
    loop {
        match Arc::try_unwrap(stream) {
            Ok(stream) => return Ok(stream),
            Err(shared) => {
                stream = shared;
                crate::sched::gosched();
            }
        }
    }
}

/// Runs a call on `stream`, which is closed if `ctx` is done before it returns.
fn closing<R>(
    stream: &Arc<TcpStream>,
    ctx: &Context,
    call: impl FnOnce(&TcpStream) -> io::Result<R>,
) -> io::Result<R> {
    let stop = context::after_func(ctx, {
        let stream = stream.clone();
        // It may be closed already.
        move || drop(stream.close())
    });
    let result = call(stream);
    match stop() {
        true => result,
        false => result.and(Err(io::ErrorKind::TimedOut.into())),
    }
}

/// Asks a proxy for a connection to somewhere else.
fn open_tunnel(mut stream: &TcpStream, head: &[u8]) -> io::Result<()> {
    const MOST: usize = 64 << 10;
    stream.write_all(head)?;
    let mut answer = Vec::new();
    let mut byte = [0];
    while !answer.ends_with(b"\r\n\r\n") {
        // Byte by byte: what follows is not ours.
        if answer.len() == MOST || stream.read(&mut byte)? == 0 {
            return Err(io::Error::other("http: the proxy has not answered CONNECT"));
        }
        answer.push(byte[0]);
    }
    let first = answer.split(|&b| b == b'\r').next().unwrap_or_default();
    let status = first.split(|&b| b == b' ').nth(1).unwrap_or_default();
    match status {
        [b'2', _, _] => Ok(()),
        _ => {
            let first = String::from_utf8_lossy(first);
            Err(io::Error::other(format!("http: the proxy says {first:?}")))
        }
    }
}
