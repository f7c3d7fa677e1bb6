//! Agreeing with a server on TLS, by rustls: the feature `tls`.

use crate::net::TcpStream;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use std::io;
use std::sync::{Arc, OnceLock};

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
    #[cfg_attr(not(feature = "http2"), allow(unused_mut))]
    let mut config = ClientConfig::builder_with_provider(provider()?)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    #[cfg(feature = "http2")]
    {
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    }
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

/// Agrees with the server, which must be `host`.
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
