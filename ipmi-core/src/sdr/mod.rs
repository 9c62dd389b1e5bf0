//! Sensor data records (IPMI 2.0 s43) as zero-copy views.
