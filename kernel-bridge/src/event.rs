//! What a BMC tells without being asked (IPMI 2.0 s22.3-22.8, SMS_ATN).

/// News from a BMC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An event message: a SEL record of 16 bytes whose record id means nothing.
    EventMessage([u8; 16]),
    /// A message from the receive message queue that answers none of our bridged requests: the bytes of Get Message,
    /// channel byte first.
    Message(Vec<u8>),
    /// The watchdog is about to expire.
    WatchdogPreTimeout,
    /// OEM message flags 0-2, as bits 0-2.
    Oem(u8),
    /// The way to the BMC was lost; events meanwhile are lost too.
    Disconnected,
    /// The way to the BMC is there again.
    Reconnected,
}
