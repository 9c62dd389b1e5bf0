//! IPMI over LAN (IPMI 2.0 s13): one engine for all sessions of the process.
//!
//! ```text
//! Bmc ──commands──▶ engine (one thread, one socket per address family) ──▶ conversation (one per BMC, no I/O)
//!                                                                            login | session, exchange, window
//! ```

mod conversation;
mod engine;
pub(crate) mod envelope;
mod exchange;
mod memory;
mod open;
mod payloads;
mod ping;
pub(crate) mod repeatable;
mod sequence;
mod slot;
mod socket;
mod sol;
mod sol_line;
mod window;

pub use conversation::{Conversation, ConversationConfig, Event, KEEP_ALIVE};
pub use exchange::Ticket;
pub(crate) use memory::clear as clear_memory;
pub(crate) use open::{Handle, open};
pub use open::{close_all, finish};
pub use payloads::Payloads;
pub use ping::{Presence, ping};
pub use slot::SessionFacts;
pub use sol::{KeepAlive, SolOptions, SolSession};
pub use sol_line::{SolEnding, SolNotice};
pub use window::Window;

/// Why datagrams do not reach a BMC, and what to look at.
fn why_unreachable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::ConnectionRefused => "nobody listens on this port (is IPMI over LAN enabled?)".to_owned(),
        _ => format!("cannot be reached: {error}"),
    }
}
