//! ureq on this crate's sockets: who looks names up, connects, and moves the bytes.

use super::current::{cancellable, current};
use crate::chan::channel;
use crate::context;
use crate::net::{NetError, TcpStream, dial_addrs};
use crate::sched::blocking;
use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport, time,
};

/// Looks names up beside the scheduler.
#[derive(Default)]
pub(super) struct NetResolver(DefaultResolver);

impl Resolver for NetResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let Some(ctx) = current() else {
            return blocking(|| self.0.resolve(uri, config, timeout));
        };
        // The system's resolver cannot be stopped: a context that is done leaves it behind.
        let (tx, found) = channel(1);
        let (uri, config) = (uri.clone(), config.clone());
        crate::go!({
            let resolver = DefaultResolver::default();
            let _ = tx.try_send(blocking(|| resolver.resolve(&uri, &config, timeout)));
        });
        let done = ctx.done();
        crate::select! {
            found = <-found => found.expect("the resolver answers"),
            <-done => Err(ureq::Error::HostNotFound),
        }
    }
}

impl fmt::Debug for NetResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NetResolver")
    }
}

/// Opens connections.
#[derive(Debug)]
pub(super) struct NetConnector;

impl<In: Transport> Connector<In> for NetConnector {
    type Out = Either<In, NetTransport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        // A proxy's connection goes before ours.
        if let Some(transport) = chained {
            return Ok(Some(Either::A(transport)));
        }
        let limit = limit(&details.timeout);
        let ctx = current().unwrap_or_else(context::background);
        let stream = dial_addrs(&ctx, &details.addrs, limit)
            .map_err(|e| in_ureqs_words(e, &details.timeout))?;
        let config = details.config;
        Ok(Some(Either::B(NetTransport {
            stream: Arc::new(stream),
            buffers: LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size()),
        })))
    }
}

/// A connection with ureq's buffers.
pub(super) struct NetTransport {
    stream: Arc<TcpStream>,
    buffers: LazyBuffers,
}

impl Transport for NetTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        let timeout = timeout.for_write();
        let due = limit(&timeout).map(|d| Instant::now() + d);
        self.stream.set_write_deadline(due)?;
        let output = &self.buffers.output()[..amount];
        cancellable(&self.stream, |mut stream| stream.write_all(output))
            .map_err(|e| in_ureqs_words(e, &timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        let timeout = timeout.for_read();
        let due = limit(&timeout).map(|d| Instant::now() + d);
        self.stream.set_read_deadline(due)?;
        let buf = self.buffers.input_append_buf();
        let n = cancellable(&self.stream, |mut stream| stream.read(buf))
            .map_err(|e| in_ureqs_words(e, &timeout))?;
        self.buffers.input_appended(n);
        Ok(n > 0)
    }

    /// Is the connection fit for another request? Not if the server has closed it, or has sent what
    /// nobody asked for.
    fn is_open(&mut self) -> bool {
        let silent = || {
            self.stream.set_read_deadline(None)?;
            self.stream.set_nonblocking(true)?;
            let seen = self.stream.peek(&mut [0]);
            self.stream.set_nonblocking(false)?;
            io::Result::Ok(matches!(seen, Err(e) if e.kind() == io::ErrorKind::WouldBlock))
        };
        silent().unwrap_or(false)
    }
}

impl fmt::Debug for NetTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stream.fmt(f)
    }
}

/// How long the next call may take.
fn limit(timeout: &NextTimeout) -> Option<Duration> {
    match timeout.after {
        time::Duration::NotHappening => None,
        time::Duration::Exact(d) => Some(d),
    }
}

fn in_ureqs_words(e: io::Error, timeout: &NextTimeout) -> ureq::Error {
    if NetError::of(&e) == Some(NetError::Timeout) {
        ureq::Error::Timeout(timeout.reason)
    } else {
        ureq::Error::Io(e)
    }
}
