//! Text encodings of SDR and FRU strings: 8-bit, 6-bit packed, BCD plus, Unicode.
