//! Checking the server's certificate: fully, or without issuer or name when the user says so.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use super::{ClientError, Tls};
use crate::file;

/// Where systems keep the certificates they trust.
const BUNDLES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// A configuration for these checks.
pub(super) fn client_config(tls: Tls) -> Result<Arc<ClientConfig>, ClientError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let wrap = |error: Error| ClientError::Tls(error.to_string());
    let builder =
        ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().map_err(wrap)?;
    let chain = if tls.skip_ca_check {
        None
    } else {
        let roots = Arc::new(system_roots()?);
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider.clone()).build();
        Some(verifier.map_err(|error| ClientError::Tls(error.to_string()))?)
    };
    let verifier = Arc::new(Verifier { chain, check_name: !tls.skip_cn_check, provider });
    Ok(Arc::new(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()))
}

fn system_roots() -> Result<RootCertStore, ClientError> {
    let named = std::env::var("SSL_CERT_FILE").ok();
    let bundle = named
        .iter()
        .map(String::as_str)
        .chain(BUNDLES.iter().copied())
        .find_map(|path| file::read(Path::new(path), file::MAX_CONFIG).ok());
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_slice_iter(bundle.as_deref().unwrap_or_default());
    roots.add_parsable_certificates(certificates.filter_map(Result::ok));
    if roots.is_empty() {
        let message = "no trusted certificates were found; name a file in SSL_CERT_FILE or use -skipCAcheck";
        return Err(ClientError::Tls(message.to_owned()));
    }
    Ok(roots)
}

/// Checks what was asked for, and always that the server has the certificate's key.
#[derive(Debug)]
struct Verifier {
    /// Checks the issuer; `None` to accept any.
    chain: Option<Arc<WebPkiServerVerifier>>,
    check_name: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chain) = &self.chain else {
            if self.check_name {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
            }
            return Ok(ServerCertVerified::assertion());
        };
        match chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // The name is checked last: when it alone is wrong, everything else was right.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.check_name => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
