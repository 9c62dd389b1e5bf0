//! Parses SELECT queries and conditions (WQL reference s2, s4).

use super::ast::{Expression, Literal, Name, Query, Select, Selected};
use super::error::{Place, invalid, unfit};
use super::lexer::{Lexer, Relation, Token, unescape, unescape_pattern};
use crate::{CimError, Status};

/// Longest query accepted, in bytes.
const MAX_LENGTH: usize = 64 * 1024;
/// Most comparisons in a condition.
const MAX_TERMS: usize = 1000;
/// Most names in a select list, or in one path into embedded objects.
const MAX_NAMES: usize = 1000;
/// Deepest nesting of parentheses and NOT.
const MAX_DEPTH: usize = 64;

/// Words that cannot be property names.
const RESERVED: &[&str] =
    &["select", "from", "where", "and", "or", "not", "like", "is", "isa", "null", "true", "false"];

/// Parses a data query.
pub(crate) fn parse(text: &str) -> Result<Query, CimError> {
    let mut parser = Parser::new(text)?;
    let query = if parser.take_keyword("select")? {
        Query::Select(parser.select()?)
    } else if parser.take_keyword("associators")? {
        Query::Associators(parser.association(true)?)
    } else if parser.take_keyword("references")? {
        Query::References(parser.association(false)?)
    } else {
        return Err(parser.error("SELECT, ASSOCIATORS OF or REFERENCES OF"));
    };
    parser.end()?;
    Ok(query)
}

/// Parses what may follow WHERE.
pub(crate) fn parse_condition(text: &str) -> Result<Expression, CimError> {
    let mut parser = Parser::new(text)?;
    let expression = parser.or()?;
    parser.end()?;
    Ok(expression)
}

pub(super) struct Parser<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    pub(super) token: Token<'a>,
    at: usize,
    depth: usize,
    terms: usize,
}

/// One side of a comparison.
enum Side {
    Name(Name),
    Literal(Literal),
    Null,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Result<Self, CimError> {
        if text.len() > MAX_LENGTH {
            let message = format!("a query of {} bytes: at most {MAX_LENGTH} are accepted", text.len());
            return Err(CimError::new(Status::QuotaViolation, message));
        }
        let mut lexer = Lexer::new(text);
        let (token, at) = lexer.next()?;
        Ok(Self { text, lexer, token, at, depth: 0, terms: 0 })
    }

    pub(super) fn error(&self, expected: &str) -> CimError {
        invalid(Place { text: self.text, at: self.at }, expected, &self.token.to_string())
    }

    pub(super) fn advance(&mut self) -> Result<Token<'a>, CimError> {
        let (token, at) = self.lexer.next()?;
        self.at = at;
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn take(&mut self, symbol: char) -> Result<bool, CimError> {
        let found = self.token == Token::Symbol(symbol);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn is_keyword(&self, keyword: &str) -> bool {
        matches!(self.token, Token::Name(name) if name.eq_ignore_ascii_case(keyword))
    }

    pub(super) fn take_keyword(&mut self, keyword: &str) -> Result<bool, CimError> {
        let found = self.is_keyword(keyword);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn word(&mut self, expected: &str) -> Result<String, CimError> {
        match self.token {
            Token::Name(name) if !RESERVED.iter().any(|word| name.eq_ignore_ascii_case(word)) => {
                self.advance()?;
                Ok(name.to_owned())
            }
            _ => Err(self.error(expected)),
        }
    }

    fn end(&self) -> Result<(), CimError> {
        if self.token == Token::End { Ok(()) } else { Err(self.error("the end of the query")) }
    }

    fn select(&mut self) -> Result<Select, CimError> {
        let list = if self.take('*')? {
            None
        } else {
            let mut list = vec![self.selected()?];
            while self.take(',')? {
                list.push(self.selected()?);
                at_most(list.len())?;
            }
            Some(list)
        };
        if !self.take_keyword("from")? {
            return Err(self.error("FROM"));
        }
        let from = self.word("a class name")?;
        for clause in ["within", "group"] {
            if self.is_keyword(clause) {
                return Err(self.error("WHERE or the end (WITHIN and GROUP belong to event queries)"));
            }
        }
        let filter = if self.take_keyword("where")? { Some(self.or()?) } else { None };
        Ok(Select { list, from, filter })
    }

    fn selected(&mut self) -> Result<Selected, CimError> {
        let mut name = Name { first: self.word("a property name or *")?, rest: Vec::new() };
        while self.take('.')? {
            if self.take('*')? {
                return Ok(Selected { name, star: true });
            }
            name.rest.push(self.word("a property name or *")?);
            at_most(name.rest.len())?;
        }
        Ok(Selected { name, star: false })
    }

    fn name(&mut self) -> Result<Name, CimError> {
        let mut name = Name { first: self.word("a property name")?, rest: Vec::new() };
        while self.take('.')? {
            name.rest.push(self.word("a property name")?);
            at_most(name.rest.len())?;
        }
        Ok(name)
    }

    fn or(&mut self) -> Result<Expression, CimError> {
        let mut items = vec![self.and()?];
        while self.take_keyword("or")? {
            items.push(self.and()?);
        }
        Ok(one_or(items, Expression::Or))
    }

    fn and(&mut self) -> Result<Expression, CimError> {
        let mut items = vec![self.not()?];
        while self.take_keyword("and")? {
            items.push(self.not()?);
        }
        Ok(one_or(items, Expression::And))
    }

    fn not(&mut self) -> Result<Expression, CimError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(CimError::new(Status::QuotaViolation, format!("a condition nested deeper than {MAX_DEPTH}")));
        }
        let expression = if self.take_keyword("not")? {
            Expression::Not(Box::new(self.not()?))
        } else if self.take('(')? {
            let inner = self.or()?;
            if !self.take(')')? {
                return Err(self.error("')'"));
            }
            inner
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn comparison(&mut self) -> Result<Expression, CimError> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(CimError::new(Status::QuotaViolation, format!("a condition of more than {MAX_TERMS} terms")));
        }
        let left = self.side()?;
        let Side::Name(name) = left else {
            let relation = self.relation()?;
            let Side::Name(name) = self.side()? else {
                return Err(unfit("a comparison needs a property on one side"));
            };
            return compare(name, relation.flipped(), left);
        };
        if self.take_keyword("is")? {
            let negated = self.take_keyword("not")?;
            if !self.take_keyword("null")? {
                return Err(self.error("NULL"));
            }
            return Ok(negate_if(negated, Expression::IsNull(name)));
        }
        if self.take_keyword("isa")? {
            let class = match self.token {
                Token::Text(raw) => {
                    self.advance()?;
                    unescape(raw)
                }
                _ => self.word("a class name")?,
            };
            return Ok(Expression::Isa(name, class));
        }
        let negated = self.take_keyword("not")?;
        if negated || self.is_keyword("like") {
            if !self.take_keyword("like")? {
                return Err(self.error("LIKE"));
            }
            let Token::Text(raw) = self.token else { return Err(self.error("a string with a LIKE pattern")) };
            self.advance()?;
            return Ok(negate_if(negated, Expression::Like(name, unescape_pattern(raw))));
        }
        let relation = self.relation()?;
        let right = self.side()?;
        compare(name, relation, right)
    }

    fn relation(&mut self) -> Result<Relation, CimError> {
        let Token::Relation(relation) = self.token else { return Err(self.error("an operator")) };
        self.advance()?;
        Ok(relation)
    }

    fn side(&mut self) -> Result<Side, CimError> {
        let side = match self.token {
            Token::Text(raw) => Side::Literal(Literal::Text(unescape(raw))),
            Token::Number(number) => Side::Literal(Literal::Number(number)),
            Token::Name(name) if name.eq_ignore_ascii_case("true") => Side::Literal(Literal::Boolean(true)),
            Token::Name(name) if name.eq_ignore_ascii_case("false") => Side::Literal(Literal::Boolean(false)),
            Token::Name(name) if name.eq_ignore_ascii_case("null") => Side::Null,
            Token::Name(_) => return self.name().map(Side::Name),
            _ => return Err(self.error("a property name or a constant")),
        };
        self.advance()?;
        Ok(side)
    }
}

fn compare(name: Name, relation: Relation, with: Side) -> Result<Expression, CimError> {
    match (with, relation) {
        (Side::Literal(literal), _) => Ok(Expression::Compare(name, relation, literal)),
        (Side::Null, Relation::Equal) => Ok(Expression::IsNull(name)),
        (Side::Null, Relation::NotEqual) => Ok(Expression::Not(Box::new(Expression::IsNull(name)))),
        (Side::Null, _) => Err(unfit(format!("{name} {} NULL: only = and <> go with NULL", relation.text()))),
        (Side::Name(other), _) => {
            let relation = relation.text();
            Err(unfit(format!(
                "{name} {relation} {other}: a property compares with a constant, not with another property"
            )))
        }
    }
}

fn at_most(names: usize) -> Result<(), CimError> {
    if names <= MAX_NAMES {
        return Ok(());
    }
    Err(CimError::new(Status::QuotaViolation, format!("a list of more than {MAX_NAMES} names")))
}

fn negate_if(negated: bool, expression: Expression) -> Expression {
    if negated { Expression::Not(Box::new(expression)) } else { expression }
}

fn one_or(mut items: Vec<Expression>, many: fn(Vec<Expression>) -> Expression) -> Expression {
    match items.pop() {
        Some(only) if items.is_empty() => only,
        last => {
            items.extend(last);
            many(items)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        parse_condition(text).unwrap().to_string()
    }

    #[test]
    fn and_binds_before_or_and_not_before_both() {
        assert_eq!(shown("a=1 or b=2 and not c=3"), "(a = 1 OR (b = 2 AND NOT c = 3))");
        assert_eq!(shown("(a=1 or b=2) and 5 <= c.d"), "((a = 1 OR b = 2) AND c.d >= 5)");
        assert_eq!(
            shown("a is not null or a <> NULL or a not like 'x'"),
            "(NOT a IS NULL OR NOT a IS NULL OR NOT a LIKE \"x\")"
        );
        assert_eq!(shown("p isa T or p ISA 'U'"), "(p ISA \"T\" OR p ISA \"U\")");
    }

    #[test]
    fn quotas_hold() {
        let status = |text: &str| parse_condition(text).unwrap_err().status;
        assert_eq!(status(&format!("{}a=1", "(".repeat(10_000))), Status::QuotaViolation);
        assert_eq!(status(&format!("{}a=1", "not ".repeat(10_000))), Status::QuotaViolation);
        assert_eq!(status(&vec!["a=1"; 1001].join(" or ")), Status::QuotaViolation);
        assert_eq!(status(&" ".repeat(70_000)), Status::QuotaViolation);
        assert_eq!(status(&format!("a{}=1", ".b".repeat(1001))), Status::QuotaViolation);
        let list = format!("SELECT {} FROM T", vec!["a"; 1001].join(","));
        assert_eq!(parse(&list).unwrap_err().status, Status::QuotaViolation);
        assert!(parse_condition(&vec!["a=1"; 1000].join(" or ")).is_ok());
    }

    #[test]
    fn errors_have_columns() {
        let message = |text: &str| parse(text).unwrap_err().message;
        assert_eq!(message("SELECT * T_Base"), "column 10: expected FROM, found T_Base");
        assert_eq!(
            message("SELECT * FROM T WHERE"),
            "column 22: expected a property name or a constant, found the end"
        );
        assert_eq!(
            message("DELETE FROM T"),
            "column 1: expected SELECT, ASSOCIATORS OF or REFERENCES OF, found DELETE"
        );
    }
}
