//! WQL: lexer, parser, plan and evaluation.
//!
//! ```text
//! text -> lexer -> parser -> ast -> compile (against a class) -> Condition, Projection -> rows
//! ```

mod association;
pub(crate) mod ast;
pub(crate) mod compile;
mod condition;
mod constant;
mod date_text;
mod error;
mod lexer;
mod like;
pub(crate) mod parser;
mod projection;

pub use condition::{Condition, Conjunct};
pub(crate) use error::unfit;
pub(crate) use projection::Projection;
