//! wsman.
