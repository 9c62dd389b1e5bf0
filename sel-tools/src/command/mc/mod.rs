//! `mc` (or `bmc`): the management controller itself.

pub mod getenables;
pub mod guid;
pub mod info;
pub mod reset;
pub mod selftest;
pub mod setenables;
