//! XML as SOAP allows it (SOAP 1.2 part 1 s5): strict reading into a tree, writing with fixed prefixes, character sets.

mod charset;
mod reader;
mod serialize;
mod tree;
mod writer;

pub use charset::{Charset, CharsetError};
pub use reader::{MAX_ATTRIBUTES, MAX_DEPTH, XmlError, parse};
pub use tree::{Attribute, Element, Node};
pub use writer::XmlWriter;
