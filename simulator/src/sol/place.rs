//! Where the system's serial console is: `shell`, `pty:LINK`, `tcp:HOST:PORT` or `listen:ADDR:PORT`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Where the system's serial console is.
///
/// ```
/// use simulator::sol::Place;
/// assert_eq!("shell".parse(), Ok(Place::Shell));
/// assert_eq!("tcp:127.0.0.1:4555".parse(), Ok(Place::Connect("127.0.0.1:4555".into())));
/// assert!("serial".parse::<Place>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Place {
    /// A loopback shell inside the simulator.
    #[default]
    Shell,
    /// A pty that a program opens by this link.
    Pty(PathBuf),
    /// A TCP port that is called, and called again when it is gone: QEMU's `-serial tcp:HOST:PORT,server=on,wait=off`.
    Connect(String),
    /// A TCP port that takes one caller at a time: QEMU's `-serial tcp:HOST:PORT`.
    Listen(String),
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "shell" => Ok(Self::Shell),
            Some(("pty", link)) if !link.is_empty() => Ok(Self::Pty(link.into())),
            Some(("tcp", address)) if address.contains(':') => Ok(Self::Connect(address.into())),
            Some(("listen", address)) if address.contains(':') => Ok(Self::Listen(address.into())),
            _ => Err(format!("expected shell, pty:LINK, tcp:HOST:PORT or listen:ADDR:PORT, found `{text}`")),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shell => f.write_str("shell"),
            Self::Pty(link) => write!(f, "pty:{}", link.display()),
            Self::Connect(address) => write!(f, "tcp:{address}"),
            Self::Listen(address) => write!(f, "listen:{address}"),
        }
    }
}

impl Place {
    /// The place of BMC number `index` of several: links get the number, ports count up.
    ///
    /// # Errors
    /// When there is no such port.
    pub fn nth(&self, index: u16) -> Result<Self, String> {
        let counted = |address: &str| {
            let wrong = || format!("expected HOST:PORT with a port up to {}, found `{address}`", u16::MAX - index);
            let (host, port) = address.rsplit_once(':').ok_or_else(wrong)?;
            let port: u16 = port.parse().map_err(|_| wrong())?;
            let port = if port == 0 { 0 } else { port.checked_add(index).ok_or_else(wrong)? };
            Ok::<_, String>(format!("{host}:{port}"))
        };
        Ok(match self {
            Self::Shell => Self::Shell,
            Self::Pty(link) if index > 0 => Self::Pty(format!("{}.{index}", link.display()).into()),
            Self::Pty(link) => Self::Pty(link.clone()),
            Self::Connect(address) => Self::Connect(counted(address)?),
            Self::Listen(address) => Self::Listen(counted(address)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_words() {
        assert_eq!("pty:./console".parse(), Ok(Place::Pty("./console".into())));
        for text in ["shell", "pty:./console", "tcp:[::1]:9", "listen:127.0.0.1:0"] {
            assert_eq!(text.parse::<Place>().unwrap().to_string(), text);
        }
        assert_eq!("listen:[::1]:0".parse(), Ok(Place::Listen("[::1]:0".into())));
        for wrong in ["", "pty", "pty:", "tcp:4555", "udp:1:2"] {
            assert!(wrong.parse::<Place>().unwrap_err().contains("expected shell"), "{wrong}");
        }
    }

    #[test]
    fn several_bmcs_have_places_of_their_own() {
        let nth = |text: &str, index| text.parse::<Place>().unwrap().nth(index);
        assert_eq!(nth("pty:a", 0), Ok(Place::Pty("a".into())));
        assert_eq!(nth("pty:a", 2), Ok(Place::Pty("a.2".into())));
        assert_eq!(nth("tcp:h:9000", 3), Ok(Place::Connect("h:9003".into())));
        assert_eq!(nth("listen:h:0", 3), Ok(Place::Listen("h:0".into())));
        assert!(nth("tcp:h:65535", 1).is_err());
        assert!(nth("tcp:h:x", 1).is_err());
    }
}
