//! TLS by rustls on a [`Line`]: the feature `tls`.

use super::line::Line;
use crate::net::TcpStream;
use hyper::rt::{Read, ReadBufCursor, Write};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use std::io::{self, Read as _, Write as _};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

/// Trusts what the web trusts.
pub(super) fn default_config() -> io::Result<Arc<ClientConfig>> {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(config.clone());
    }
    let roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.into(),
    };
    let config = config_with(roots)?;
    Ok(CONFIG.get_or_init(|| config).clone())
}

/// Trusts these certificates.
pub(super) fn config_of_pem(pem: &[u8]) -> io::Result<Arc<ClientConfig>> {
    let invalid = |text: String| io::Error::new(io::ErrorKind::InvalidData, text);
    let mut roots = RootCertStore::empty();
    for certificate in rustls::pki_types::CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|e| invalid(format!("http: {e}")))?;
        roots
            .add(certificate)
            .map_err(|e| invalid(format!("http: {e}")))?;
    }
    if roots.is_empty() {
        return Err(invalid("http: no certificate in the PEM data".into()));
    }
    config_with(roots)
}

fn config_with(roots: RootCertStore) -> io::Result<Arc<ClientConfig>> {
    let config = ClientConfig::builder_with_provider(provider()?)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// The process's, that of a feature of this crate, or the one that rustls has been built with.
fn provider() -> io::Result<Arc<CryptoProvider>> {
    if let Some(provider) = CryptoProvider::get_default() {
        return Ok(provider.clone());
    }
    #[cfg(feature = "tls-ring")]
    return Ok(Arc::new(rustls::crypto::ring::default_provider()));
    // It panics if there is none, or more than one.
    #[cfg(not(feature = "tls-ring"))]
    crate::panic::recover(|| ClientConfig::builder().crypto_provider().clone()).map_err(|_| {
        let text = "http: no provider of cryptography: choose the feature tls-ring, or one of rustls', \
                    or install one with rustls' CryptoProvider::install_default";
        io::Error::new(io::ErrorKind::Unsupported, text)
    })
}

/// Agrees with the server, who must be `host`.
pub(super) fn handshake(
    config: Arc<ClientConfig>,
    host: &str,
    mut stream: &TcpStream,
) -> io::Result<ClientConnection> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, e))?;
    let mut session = ClientConnection::new(config, name).map_err(io::Error::other)?;
    while session.is_handshaking() {
        session.complete_io(&mut stream)?;
    }
    Ok(session)
}

/// A connection with encryption.
pub(super) struct Encrypted {
    line: Arc<Line>,
    session: ClientConnection,
}

impl Encrypted {
    pub(super) fn new(line: Arc<Line>, session: ClientConnection) -> Encrypted {
        Encrypted { line, session }
    }

    /// Sends what is encrypted.
    fn send(&mut self) -> Poll<io::Result<()>> {
        while self.session.wants_write() {
            match self.session.write_tls(&mut Raw(&self.line)) {
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
                Err(e) => return Poll::Ready(Err(e)),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Reads into a part that is initialised.
    fn read(&mut self, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        loop {
            match self.session.reader().read(buf) {
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                // Without a close_notify; HTTP says itself where a message ends.
                Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Poll::Ready(Ok(0)),
                result => return Poll::Ready(result),
            }
            match self.session.read_tls(&mut Raw(&self.line)) {
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
                Err(e) => return Poll::Ready(Err(e)),
            }
            let processed = self.session.process_new_packets();
            // Keys to be changed, and what the peer is told about its fault.
            let _ = self.send();
            if let Err(e) = processed {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, e)));
            }
        }
    }
}

/// The line as rustls reads and writes it.
struct Raw<'a>(&'a Arc<Line>);

fn or_would_block(polled: Poll<io::Result<usize>>) -> io::Result<usize> {
    match polled {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

impl io::Read for Raw<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        // SAFETY: initialised bytes may be seen as ones that may not be; the kernel only writes to
        // them, so they stay initialised.
        let buf = unsafe { &mut *(std::ptr::from_mut(buf) as *mut [std::mem::MaybeUninit<u8>]) };
        or_would_block(self.0.read(buf))
    }
}

impl io::Write for Raw<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        or_would_block(self.0.write(buf))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        /// The most that one record holds.
        const RECORD: usize = 16 << 10;
        let mut bytes = [0; RECORD];
        let most = buf.remaining().min(RECORD);
        let n = ready!(self.read(&mut bytes[..most]))?;
        buf.put_slice(&bytes[..n]);
        Poll::Ready(Ok(()))
    }
}

impl Write for Encrypted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        // What was taken before goes first; the session holds so much and no more.
        let sent = self.send()?;
        let n = self.session.writer().write(buf)?;
        if sent.is_ready() {
            let _ = self.send()?;
        }
        match n {
            0 if !buf.is_empty() => Poll::Pending,
            n => Poll::Ready(Ok(n)),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.send()
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.session.send_close_notify();
        ready!(self.send())?;
        Poll::Ready(self.line.end_writing())
    }
}
