//! Where a service is: `[transport://]host[:port][/prefix]`.

/// How the server's certificate is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tls {
    /// Accept any issuer.
    pub skip_ca_check: bool,
    /// Accept a certificate for another name.
    pub skip_cn_check: bool,
}

/// The address of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// TLS, and how; `None` for plain HTTP.
    pub tls: Option<Tls>,
    /// Host name or address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Path.
    pub path: String,
}

impl Endpoint {
    /// Reads what `-remote` takes: without transport the ports are WinRM's, with one they are HTTP's.
    ///
    /// ```
    /// use wsman::client::{Endpoint, Tls};
    /// let endpoint = Endpoint::parse("bmc1", false, Tls::default()).unwrap();
    /// assert_eq!(endpoint.url(), "http://bmc1:5985/wsman");
    /// ```
    pub fn parse(text: &str, use_tls: bool, tls: Tls) -> Option<Self> {
        let (transport, rest) = match text.split_once("://") {
            Some((transport, rest)) => (Some(transport), rest),
            None => (None, text),
        };
        let secure = match transport {
            None => use_tls,
            Some(name) if name.eq_ignore_ascii_case("https") => true,
            Some(name) if name.eq_ignore_ascii_case("http") => use_tls,
            Some(_) => return None,
        };
        let (address, path) = match rest.split_once('/') {
            Some((address, path)) => (address, path.trim_end_matches('/')),
            None => (rest, ""),
        };
        let (host, port) = match address.strip_prefix('[') {
            Some(bracketed) => {
                let (host, rest) = bracketed.split_once(']')?;
                (host, rest.strip_prefix(':'))
            }
            None => match address.rsplit_once(':') {
                // More than one colon: an IPv6 address without brackets and without port.
                Some((host, _)) if host.contains(':') => (address, None),
                Some((host, port)) => (host, Some(port)),
                None => (address, None),
            },
        };
        let port = match (port, transport, secure) {
            (Some(port), ..) => port.parse().ok()?,
            (None, None, false) => 5985,
            (None, None, true) => 5986,
            (None, Some(_), false) => 80,
            (None, Some(_), true) => 443,
        };
        let path = format!("/{}", if path.is_empty() { "wsman" } else { path });
        let valid = |character: char| character.is_ascii_graphic() && character != '@';
        let sound = !host.is_empty() && host.chars().all(valid) && path.chars().all(valid);
        sound.then(|| Self { tls: secure.then_some(tls), host: host.to_owned(), port, path })
    }

    /// Host and port as HTTP writes them.
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The whole URL.
    pub fn url(&self) -> String {
        let transport = if self.tls.is_some() { "https" } else { "http" };
        format!("{transport}://{}{}", self.authority(), self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (text, use_tls, url) in [
            ("host", false, "http://host:5985/wsman"),
            ("host", true, "https://host:5986/wsman"),
            ("http://host", false, "http://host:80/wsman"),
            ("https://host", false, "https://host:443/wsman"),
            ("http://127.0.0.1:5985", false, "http://127.0.0.1:5985/wsman"),
            ("HTTP://host:1/other/", false, "http://host:1/other"),
            ("[::1]:5985", false, "http://[::1]:5985/wsman"),
            ("fe80::1", false, "http://[fe80::1]:5985/wsman"),
        ] {
            assert_eq!(Endpoint::parse(text, use_tls, Tls::default()).unwrap().url(), url, "{text}");
        }
        for text in ["", "ftp://host", "host:port", "host:99999", "user@host", "a b", "[::1"] {
            assert_eq!(Endpoint::parse(text, false, Tls::default()), None, "{text}");
        }
    }
}
