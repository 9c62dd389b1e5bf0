//! Parses qualifier declarations and the qualifiers in brackets (DSP0004 s5.6).

use super::ast::{QualifierDeclaration, QualifierUse};
use super::error::MofError;
use super::lexer::Token;
use super::parser::Parser;

impl Parser<'_> {
    pub(super) fn qualifier_declaration(&mut self) -> Result<QualifierDeclaration, MofError> {
        self.advance()?;
        let name = self.name("a qualifier name")?;
        self.expect(':')?;
        self.name("a type")?;
        self.array_suffix()?;
        let default = if self.take('=')? { Some(self.literal()?.0) } else { None };
        let mut to_subclass = true;
        while self.take(',')? {
            let what = self.name("Scope or Flavor")?;
            self.expect('(')?;
            loop {
                let word = self.name("a scope or flavor")?;
                if what.text.eq_ignore_ascii_case("flavor") && word.text.eq_ignore_ascii_case("restricted") {
                    to_subclass = false;
                }
                if !self.take(',')? {
                    break;
                }
            }
            self.expect(')')?;
        }
        self.expect(';')?;
        Ok(QualifierDeclaration { name, default, to_subclass })
    }

    pub(super) fn qualifiers(&mut self) -> Result<Vec<QualifierUse>, MofError> {
        let mut qualifiers = Vec::new();
        if !self.take('[')? {
            return Ok(qualifiers);
        }
        loop {
            let name = self.name("a qualifier name")?;
            let value = if self.take('(')? {
                let value = self.literal()?.0;
                self.expect(')')?;
                Some(value)
            } else if self.token == Token::Symbol('{') {
                Some(self.literal()?.0)
            } else {
                None
            };
            let mut to_subclass = None;
            if self.take(':')? {
                while let Token::Name(_) = self.token {
                    let flavor = self.name("a flavor")?.text.to_ascii_lowercase();
                    match flavor.as_str() {
                        "tosubclass" => to_subclass = Some(true),
                        "restricted" | "nottosubclass" => to_subclass = Some(false),
                        _ => {}
                    }
                }
            }
            qualifiers.push(QualifierUse { name, value, to_subclass });
            if !self.take(',')? {
                break;
            }
        }
        self.expect(']')?;
        Ok(qualifiers)
    }
}
