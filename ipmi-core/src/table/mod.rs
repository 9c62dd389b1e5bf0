//! The tables of the specification, one file per fact.
