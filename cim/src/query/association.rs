//! Parses ASSOCIATORS OF and REFERENCES OF with their options (WQL reference s7).

use super::ast::Association;
use super::error::unfit;
use super::lexer::{Relation, Token};
use super::parser::Parser;
use crate::{CimError, ObjectPath};

impl Parser<'_> {
    /// Parses what follows the first keyword; some options exist for associators only.
    pub(super) fn association(&mut self, associators: bool) -> Result<Association, CimError> {
        if !self.take_keyword("of")? {
            return Err(self.error("OF"));
        }
        let Token::Braced(path) = self.token else { return Err(self.error("'{' and an object path")) };
        let source = ObjectPath::parse(path)?;
        self.advance()?;
        let mut association = Association {
            source,
            assoc_class: None,
            result_class: None,
            result_role: None,
            role: None,
            required_assoc_qualifier: None,
            required_qualifier: None,
            class_defs_only: false,
            schema_only: false,
            keys_only: false,
        };
        if self.take_keyword("where")? {
            self.association_option(&mut association, associators)?;
            while self.token != Token::End {
                self.association_option(&mut association, associators)?;
            }
        }
        if association.class_defs_only && association.result_class.is_some() {
            return Err(unfit("ClassDefsOnly and ResultClass exclude each other"));
        }
        Ok(association)
    }

    fn association_option(&mut self, options: &mut Association, associators: bool) -> Result<(), CimError> {
        let expected = "an option such as ResultClass = Name (options are separated by blanks only)";
        let unknown = self.error(expected);
        let name = self.word(expected)?.to_ascii_lowercase();
        let flag = match name.as_str() {
            "classdefsonly" => Some(&mut options.class_defs_only),
            "schemaonly" => Some(&mut options.schema_only),
            "keysonly" => Some(&mut options.keys_only),
            _ => None,
        };
        if let Some(flag) = flag {
            if std::mem::replace(flag, true) {
                return Err(unfit(format!("option {name} appears twice")));
            }
            return Ok(());
        }
        let place = match name.as_str() {
            "assocclass" if associators => &mut options.assoc_class,
            "resultrole" if associators => &mut options.result_role,
            "requiredassocqualifier" if associators => &mut options.required_assoc_qualifier,
            "resultclass" => &mut options.result_class,
            "role" => &mut options.role,
            "requiredqualifier" => &mut options.required_qualifier,
            _ => return Err(unknown),
        };
        if self.token != Token::Relation(Relation::Equal) {
            return Err(self.error("'='"));
        }
        self.advance()?;
        let value = self.word("a name")?;
        if place.replace(value).is_some() {
            return Err(unfit(format!("option {name} appears twice")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::Status;
    use crate::query::ast::Query;
    use crate::query::parser::parse;

    #[test]
    fn options_come_in_any_order() {
        let text = r#"associators of {A.Id="}"} where role=Owner KEYSONLY resultclass = B"#;
        let Query::Associators(found) = parse(text).unwrap() else { panic!("associators") };
        assert_eq!(found.source.to_string(), r#"A.Id="}""#);
        assert_eq!((found.role.as_deref(), found.result_class.as_deref()), (Some("Owner"), Some("B")));
        assert!(found.keys_only && !found.schema_only);
    }

    #[test]
    fn wrong_options_are_refused() {
        for bad in [
            "ASSOCIATORS {A=1}",
            "ASSOCIATORS OF {A=1} WHERE",
            "ASSOCIATORS OF {A=1} WHERE Role",
            "ASSOCIATORS OF {A=1} WHERE Role = 'x'",
            "ASSOCIATORS OF {A=1} WHERE Role = x Role = y",
            "ASSOCIATORS OF {A=1} WHERE KeysOnly KeysOnly",
            "REFERENCES OF {A=1} WHERE ResultRole = x",
            "ASSOCIATORS OF {A=1} x",
        ] {
            assert_eq!(parse(bad).unwrap_err().status, Status::InvalidQuery, "{bad}");
        }
        assert_eq!(parse("REFERENCES OF {A=x}").unwrap_err().status, Status::InvalidObjectPath);
    }
}
