//! cim-provider.
