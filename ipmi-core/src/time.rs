//! IPMI timestamps (IPMI 2.0 s37).
