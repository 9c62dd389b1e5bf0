//! cim.
