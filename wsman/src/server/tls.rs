//! TLS for listeners: rustls with ring; the certificate is the caller's.

use std::sync::Arc;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// PEM text without what is needed.
    #[error("no usable {what} in the PEM text")]
    Pem {
        /// Certificate or private key.
        what: &'static str,
        /// What is wrong.
        source: rustls_pki_types::pem::Error,
    },
    /// Key and certificate that do not fit, or an algorithm that is not supported.
    #[error("the certificate and its key cannot be used")]
    Rustls(#[from] rustls::Error),
}

/// A server configuration for a certificate chain and its key: TLS 1.2 and 1.3.
///
/// # Errors
/// When key and certificate do not fit together.
pub fn tls_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<rustls::ServerConfig>, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// [`tls_config`] from PEM text.
///
/// # Errors
/// When the text holds no certificate or no key, or they do not fit together.
pub fn tls_config_from_pem(certificates: &[u8], key: &[u8]) -> Result<Arc<rustls::ServerConfig>, TlsError> {
    let chain = CertificateDer::pem_slice_iter(certificates)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| TlsError::Pem { what: "certificate", source })?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|source| TlsError::Pem { what: "private key", source })?;
    tls_config(chain, key)
}
