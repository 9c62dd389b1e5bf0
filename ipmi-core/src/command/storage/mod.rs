//! SEL, SDR and FRU commands (NetFn 0Ah).
