//! Parses values: literals, arrays, instances.

use super::ast::{InstanceDeclaration, Literal};
use super::error::{MofError, Position};
use super::lexer::Token;
use super::parser::Parser;

/// Deepest nesting of arrays and instances in values.
const MAX_DEPTH: usize = 16;

impl Parser<'_> {
    pub(super) fn instance(&mut self) -> Result<InstanceDeclaration, MofError> {
        self.advance()?;
        if !self.take_keyword("of")? {
            return Err(self.error("of"));
        }
        let class = self.name("a class name")?;
        let alias = self.alias()?;
        let mut values = Vec::new();
        self.expect('{')?;
        while !self.take('}')? {
            self.qualifiers()?;
            let name = self.name("a property name")?;
            self.expect('=')?;
            let (value, position) = self.literal()?;
            self.expect(';')?;
            values.push((name, value, position));
        }
        Ok(InstanceDeclaration { class, alias, values })
    }

    pub(super) fn literal(&mut self) -> Result<(Literal, Position), MofError> {
        let position = self.position;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(MofError::new(position, "values nested at most 16 deep", "more"));
        }
        let literal = self.literal_here()?;
        self.depth -= 1;
        Ok((literal, position))
    }

    fn literal_here(&mut self) -> Result<Literal, MofError> {
        if self.is_keyword("instance") {
            return Ok(Literal::Instance(Box::new(self.instance()?)));
        }
        if self.take('{')? {
            let mut items = Vec::new();
            if !self.take('}')? {
                loop {
                    items.push(self.literal()?);
                    if !self.take(',')? {
                        break;
                    }
                }
                self.expect('}')?;
            }
            return Ok(Literal::Array(items));
        }
        let literal = match &self.token {
            Token::Text(_) => return self.string().map(Literal::Text),
            Token::Integer(number) => Literal::Integer(*number),
            Token::Real(number) => Literal::Real(*number),
            Token::Character(unit) => Literal::Character(*unit),
            Token::Alias(alias) => Literal::Alias(alias.clone()),
            Token::Name(name) if name.eq_ignore_ascii_case("true") => Literal::Boolean(true),
            Token::Name(name) if name.eq_ignore_ascii_case("false") => Literal::Boolean(false),
            Token::Name(name) if name.eq_ignore_ascii_case("null") => Literal::Null,
            _ => return Err(self.error("a value")),
        };
        self.advance()?;
        Ok(literal)
    }
}
