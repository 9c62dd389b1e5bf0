//! CIM datetime: a point in time with an offset, or an interval (DSP0004 s5.2.4).

/// A point in time or an interval, to the microsecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DateTime {
    /// A point in time.
    Point {
        /// Microseconds since 1970-01-01T00:00:00Z.
        micros: i64,
        /// Minutes east of UTC to write it with.
        offset_minutes: i16,
    },
    /// A length of time in microseconds.
    Interval {
        /// Microseconds.
        micros: u64,
    },
}
