//! Event decoding: texts and severity.
