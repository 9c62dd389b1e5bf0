//! The broker with the sample data set of the WQL reference: test vectors, saved reads, operations, hostile text.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod arbitrary_text;
mod operations;
mod sample;
mod saved_reads;
mod wql_vectors;
