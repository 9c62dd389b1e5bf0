//! System event log records (IPMI 2.0 s32) as zero-copy views.
