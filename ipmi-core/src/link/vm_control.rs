//! The control messages of the VM protocol, in both directions (OpenIPMI's protocol between a machine and its BMC).

/// What the BMC tells the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ToMachine {
    /// 00: nothing waits for system management software.
    NoAttention,
    /// 01: something does.
    Attention,
    /// 02: something does, with an interrupt.
    AttentionInterrupt,
    /// 03: power off.
    PowerOff,
    /// 04: reset.
    Reset,
    /// 05: message interrupts on.
    EnableInterrupt,
    /// 06: message interrupts off.
    DisableInterrupt,
    /// 07: send an NMI.
    Nmi,
    /// 09: shut the operating system down.
    GracefulShutdown,
    /// FF: protocol version.
    Version(u8),
    /// Anything else.
    Unknown(u8),
}

bitflags::bitflags! {
    /// What the machine can do (control 08): the BMC sends no control the machine did not announce.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct Capabilities: u8 {
        /// Power off.
        const POWER = 0x01;
        /// Reset.
        const RESET = 0x02;
        /// Message interrupts.
        const INTERRUPT = 0x04;
        /// NMI.
        const NMI = 0x08;
        /// Attention.
        const ATTENTION = 0x10;
        /// Graceful shutdown.
        const GRACEFUL_SHUTDOWN = 0x20;
        const _ = !0;
    }
}

/// What the machine tells the BMC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ToBmc {
    /// FF: protocol version.
    Version(u8),
    /// 08: what the machine can do.
    Capabilities(Capabilities),
    /// 04: the machine was reset.
    WasReset,
    /// Anything else.
    Unknown(u8),
}

/// The version this code speaks.
pub const VERSION: u8 = 1;

impl ToMachine {
    /// Reads a control message that came from the BMC.
    pub fn parse(id: u8, argument: Option<u8>) -> Self {
        match id {
            0x00 => Self::NoAttention,
            0x01 => Self::Attention,
            0x02 => Self::AttentionInterrupt,
            0x03 => Self::PowerOff,
            0x04 => Self::Reset,
            0x05 => Self::EnableInterrupt,
            0x06 => Self::DisableInterrupt,
            0x07 => Self::Nmi,
            0x09 => Self::GracefulShutdown,
            0xFF => Self::Version(argument.unwrap_or(0)),
            other => Self::Unknown(other),
        }
    }

    /// The message's id and argument.
    pub fn parts(self) -> (u8, Option<u8>) {
        match self {
            Self::NoAttention => (0x00, None),
            Self::Attention => (0x01, None),
            Self::AttentionInterrupt => (0x02, None),
            Self::PowerOff => (0x03, None),
            Self::Reset => (0x04, None),
            Self::EnableInterrupt => (0x05, None),
            Self::DisableInterrupt => (0x06, None),
            Self::Nmi => (0x07, None),
            Self::GracefulShutdown => (0x09, None),
            Self::Version(version) => (0xFF, Some(version)),
            Self::Unknown(id) => (id, None),
        }
    }

    /// The capability the machine must have announced before this may be sent; `None` when it always may.
    pub fn needs(self) -> Option<Capabilities> {
        Some(match self {
            Self::NoAttention | Self::Attention | Self::AttentionInterrupt => Capabilities::ATTENTION,
            Self::PowerOff => Capabilities::POWER,
            Self::Reset => Capabilities::RESET,
            Self::EnableInterrupt | Self::DisableInterrupt => Capabilities::INTERRUPT,
            Self::Nmi => Capabilities::NMI,
            Self::GracefulShutdown => Capabilities::GRACEFUL_SHUTDOWN,
            Self::Version(_) | Self::Unknown(_) => return None,
        })
    }
}

impl ToBmc {
    /// Reads a control message that came from the machine.
    pub fn parse(id: u8, argument: Option<u8>) -> Self {
        match id {
            0x04 => Self::WasReset,
            0x08 => Self::Capabilities(Capabilities::from_bits_retain(argument.unwrap_or(0))),
            0xFF => Self::Version(argument.unwrap_or(0)),
            other => Self::Unknown(other),
        }
    }

    /// The message's id and argument.
    pub fn parts(self) -> (u8, Option<u8>) {
        match self {
            Self::WasReset => (0x04, None),
            Self::Capabilities(capabilities) => (0x08, Some(capabilities.bits())),
            Self::Version(version) => (0xFF, Some(version)),
            Self::Unknown(id) => (id, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_survives_both_ways() {
        for id in 0..=u8::MAX {
            assert_eq!(ToMachine::parse(id, Some(1)).parts().0, id);
            assert_eq!(ToBmc::parse(id, Some(1)).parts().0, id);
        }
        assert_eq!(ToBmc::parse(0x08, Some(0x3F)).parts(), (0x08, Some(0x3F)));
    }
}
