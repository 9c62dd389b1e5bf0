//! The remote console's end of a LAN session without I/O: logging in, and the packets of the session.
//!
//! ```text
//! LoginConfig -> Login  (datagrams and time in; datagrams and the next deadline out)  -> Session | LoginError
//! Session        seal payload -> datagram,  open datagram -> payload | not ours | rejected
//! ```
//!
//! | idea | file |
//! |---|---|
//! | what a log-in is told, deviations to bear | `config`, `quirks` |
//! | asking, waiting, asking again; messages and their answers | `wire`, `round_trip`, `message` |
//! | what both log-ins begin and end with | `capabilities`, `elevation` |
//! | IPMI 1.5 log-in and packets | `login_1_5`, `session_1_5` |
//! | RMCP+ log-in and packets | `login_rmcp_plus`, `handshake`, `suites`, `session_rmcp_plus` |
//! | why there is no session | `error` |
//! | finding BMCs | `ping` |

mod capabilities;
mod config;
mod elevation;
mod error;
#[cfg(test)]
mod fake_bmc;
mod handshake;
mod login;
mod login_1_5;
mod login_rmcp_plus;
mod message;
mod ping;
mod quirks;
mod round_trip;
mod session;
mod session_1_5;
mod session_rmcp_plus;
#[cfg(test)]
mod slow_tests;
mod suites;
#[cfg(test)]
mod tests;
mod wire;

pub use config::{CipherChoice, LoginConfig, Protocol, Timing};
pub use error::{LoginError, Refusal, Step};
pub use login::Login;
pub use message::{answer_to, request_of};
pub use ping::{pong_in, presence_ping};
pub use quirks::Quirks;
pub use round_trip::RoundTrip;
pub use session::{Agreed, Opened, Rejected, Session};

/// Fills a buffer with random bytes that nobody can foretell.
pub type Random = Box<dyn FnMut(&mut [u8]) + Send>;
