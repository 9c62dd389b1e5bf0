//! The `ipmi` command line as a library.
