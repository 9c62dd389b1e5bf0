//! Byte protocols as state machines without I/O, both ends.
