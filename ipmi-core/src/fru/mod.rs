//! FRU inventory areas (Platform Management FRU Information Storage Definition 1.3) as zero-copy views.
