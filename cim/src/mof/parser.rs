//! Parses MOF text into declarations (DSP0221 s5.3).

use super::ast::{
    ClassDeclaration, InstanceDeclaration, Literal, MethodDeclaration, MofText, Named, PropertyDeclaration,
    QualifierUse,
};
use super::error::{MofError, Position};
use super::lexer::{Lexer, Token};
use crate::{CimType, Status};

/// Longest text accepted.
const MAX_LENGTH: usize = 64 * 1024 * 1024;

/// Parses a whole text.
pub(crate) fn parse(text: &str) -> Result<MofText, MofError> {
    let start = Position { line: 1, column: 1 };
    if text.len() > MAX_LENGTH {
        return Err(MofError::new(start, "a text of at most 64 MiB", format!("{} bytes", text.len())));
    }
    let mut lexer = Lexer::new(text);
    let (token, position) = lexer.next()?;
    Parser { lexer, token, position, depth: 0 }.text()
}

/// Parses a value that is an instance written inside a string (embedded objects, DSP0004 s7.9).
pub(crate) fn parse_embedded(text: &str) -> Result<InstanceDeclaration, MofError> {
    let mut found = parse(text)?;
    match found.instances.pop() {
        Some(instance) if found.instances.is_empty() && found.classes.is_empty() => Ok(instance),
        _ => Err(MofError::new(Position { line: 1, column: 1 }, "one instance", "other declarations")),
    }
}

pub(super) struct Parser<'a> {
    lexer: Lexer<'a>,
    pub(super) token: Token,
    pub(super) position: Position,
    /// How many values the current one is nested in.
    pub(super) depth: usize,
}

impl Parser<'_> {
    fn text(mut self) -> Result<MofText, MofError> {
        let mut text = MofText::default();
        while self.token != Token::End {
            if self.take('#')? {
                self.pragma()?;
            } else if self.is_keyword("qualifier") {
                text.qualifiers.push(self.qualifier_declaration()?);
            } else {
                let qualifiers = self.qualifiers()?;
                if self.is_keyword("class") {
                    text.classes.push(self.class(qualifiers)?);
                } else if self.is_keyword("instance") {
                    let instance = self.instance()?;
                    self.expect(';')?;
                    text.instances.push(instance);
                } else {
                    return Err(self.error("class, instance of, qualifier or #pragma"));
                }
            }
        }
        Ok(text)
    }

    pub(super) fn error(&self, expected: &str) -> MofError {
        MofError::new(self.position, expected, &self.token)
    }

    pub(super) fn advance(&mut self) -> Result<Token, MofError> {
        let (token, position) = self.lexer.next()?;
        self.position = position;
        Ok(std::mem::replace(&mut self.token, token))
    }

    pub(super) fn take(&mut self, symbol: char) -> Result<bool, MofError> {
        let found = self.token == Token::Symbol(symbol);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn expect(&mut self, symbol: char) -> Result<(), MofError> {
        if self.take(symbol)? { Ok(()) } else { Err(self.error(&format!("'{symbol}'"))) }
    }

    pub(super) fn is_keyword(&self, keyword: &str) -> bool {
        matches!(&self.token, Token::Name(name) if name.eq_ignore_ascii_case(keyword))
    }

    pub(super) fn take_keyword(&mut self, keyword: &str) -> Result<bool, MofError> {
        let found = self.is_keyword(keyword);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn name(&mut self, expected: &str) -> Result<Named, MofError> {
        let position = self.position;
        match &self.token {
            Token::Name(_) => match self.advance()? {
                Token::Name(text) => Ok(Named { text, position }),
                _ => Err(self.error(expected)),
            },
            _ => Err(self.error(expected)),
        }
    }

    pub(super) fn string(&mut self) -> Result<String, MofError> {
        let mut text = String::new();
        while let Token::Text(_) = self.token {
            if let Token::Text(part) = self.advance()? {
                text.push_str(&part);
            }
        }
        Ok(text)
    }

    /// Namespace and locale are the caller's choice; another file cannot be pulled in from here.
    fn pragma(&mut self) -> Result<(), MofError> {
        if !self.take_keyword("pragma")? {
            return Err(self.error("pragma"));
        }
        let name = self.name("a pragma name")?;
        if name.text.eq_ignore_ascii_case("include") {
            let message = "#pragma include is not supported: load each file by itself";
            return Err(MofError::with(name.position, Status::NotSupported, message));
        }
        if !self.take('(')? {
            return Ok(());
        }
        while self.token != Token::Symbol(')') {
            if self.token == Token::End {
                return Err(self.error("')'"));
            }
            self.advance()?;
        }
        self.expect(')')
    }

    pub(super) fn alias(&mut self) -> Result<Option<String>, MofError> {
        if !self.take_keyword("as")? {
            return Ok(None);
        }
        let Token::Alias(alias) = self.token.clone() else { return Err(self.error("an alias such as $Name")) };
        self.advance()?;
        Ok(Some(alias))
    }

    fn class(&mut self, qualifiers: Vec<QualifierUse>) -> Result<ClassDeclaration, MofError> {
        self.advance()?;
        let name = self.name("a class name")?;
        let alias = self.alias()?;
        let superclass = if self.take(':')? { Some(self.name("a superclass name")?) } else { None };
        let (mut properties, mut methods) = (Vec::new(), Vec::new());
        self.expect('{')?;
        while !self.take('}')? {
            let qualifiers = self.qualifiers()?;
            let is_void = self.is_keyword("void");
            let cim_type = self.cim_type(&qualifiers)?;
            let name = self.name("a property or method name")?;
            if self.take('(')? {
                let parameters = self.parameters()?;
                self.expect(';')?;
                let result = (!is_void).then_some(cim_type);
                methods.push(MethodDeclaration { name, result, parameters, qualifiers });
            } else {
                let array = self.array_suffix()?;
                let default = if self.take('=')? { Some(self.literal()?) } else { None };
                self.expect(';')?;
                properties.push(PropertyDeclaration { name, cim_type, array, default, qualifiers });
            }
        }
        self.expect(';')?;
        Ok(ClassDeclaration { name, alias, superclass, qualifiers, properties, methods })
    }

    fn parameters(&mut self) -> Result<Vec<PropertyDeclaration>, MofError> {
        let mut parameters = Vec::new();
        if self.take(')')? {
            return Ok(parameters);
        }
        loop {
            let qualifiers = self.qualifiers()?;
            let cim_type = self.cim_type(&qualifiers)?;
            let name = self.name("a parameter name")?;
            let array = self.array_suffix()?;
            parameters.push(PropertyDeclaration { name, cim_type, array, default: None, qualifiers });
            if !self.take(',')? {
                break;
            }
        }
        self.expect(')')?;
        Ok(parameters)
    }

    pub(super) fn array_suffix(&mut self) -> Result<bool, MofError> {
        if !self.take('[')? {
            return Ok(false);
        }
        if let Token::Integer(_) = self.token {
            self.advance()?;
        }
        self.expect(']')?;
        Ok(true)
    }

    /// A type name, `Class REF`, or a string that a qualifier turns into an embedded object.
    fn cim_type(&mut self, qualifiers: &[QualifierUse]) -> Result<CimType, MofError> {
        let name = self.name("a type")?;
        if self.take_keyword("ref")? {
            return Ok(CimType::Reference(name.text.into()));
        }
        let plain = match name.text.to_ascii_lowercase().as_str() {
            "boolean" => CimType::Boolean,
            "uint8" => CimType::Uint8,
            "uint16" => CimType::Uint16,
            "uint32" => CimType::Uint32,
            "uint64" => CimType::Uint64,
            "sint8" => CimType::Sint8,
            "sint16" => CimType::Sint16,
            "sint32" => CimType::Sint32,
            "sint64" => CimType::Sint64,
            "real32" => CimType::Real32,
            "real64" => CimType::Real64,
            "char16" => CimType::Char16,
            "string" | "void" => CimType::String,
            "datetime" => CimType::DateTime,
            "object" => CimType::Instance(None),
            _ => return Err(MofError::new(name.position, "a type", format!("'{}'", name.text))),
        };
        if plain != CimType::String {
            return Ok(plain);
        }
        for qualifier in qualifiers {
            match (&qualifier.value, qualifier.name.text.to_ascii_lowercase().as_str()) {
                (Some(Literal::Text(class)), "embeddedinstance") => {
                    return Ok(CimType::Instance(Some(class.as_str().into())));
                }
                (None | Some(Literal::Boolean(true)), "embeddedobject") => return Ok(CimType::Instance(None)),
                _ => {}
            }
        }
        Ok(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        #pragma locale("en_US")
        #pragma namespace("root/other")
        #pragma autorecover
        Qualifier Fast : boolean = false, Scope(association, class), Flavor(DisableOverride, Restricted);
        Qualifier Values : string[] = NULL, Scope(any);
        [Abstract, Description ("one " "two"), Version("1.0") : Restricted]
        class A as $C : B {
            [Key, MaxLen(16)] string Id;
            [Values { "x", "y" }, ValueMap{"0", "1"}] uint16 State = 2;
            uint8 Data[4] = { 1, 0x2, 010 };
            A REF Next;
            [EmbeddedInstance("B")] string Part;
            [EmbeddedObject] string Any[];
            [Static] uint32 Do([In] uint8 X, [Out, In(false)] string Y[]);
            void Nothing();
        };
        instance of A as $i { Id = "a"; Data = {}; Next = $j; Part = instance of B { }; };
    "#;

    #[test]
    fn every_construct_parses() {
        let text = parse(TEXT).unwrap();
        assert!(!text.qualifiers[0].to_subclass);
        assert!(text.qualifiers[1].to_subclass);
        let class = &text.classes[0];
        assert_eq!(class.qualifiers[1].value, Some(Literal::Text("one two".into())));
        assert_eq!(class.qualifiers[2].to_subclass, Some(false));
        assert_eq!(class.superclass.as_ref().unwrap().text, "B");
        let types: Vec<_> = class.properties.iter().map(|p| (p.cim_type.to_string(), p.array)).collect();
        let types: Vec<_> = types.iter().map(|(name, array)| (name.as_str(), *array)).collect();
        assert_eq!(
            types,
            [("string", false), ("uint16", false), ("uint8", true), ("A REF", false), ("B", false), ("object", true)]
        );
        assert_eq!(class.methods[0].parameters.len(), 2);
        assert_eq!(class.methods[1].result, None);
        assert_eq!(text.instances[0].alias.as_deref(), Some("i"));
        assert_eq!(text.instances[0].values.len(), 4);
    }

    #[test]
    fn errors_name_place_expected_and_found() {
        for (text, message) in [
            ("class A {\n  string Id\n};", "t.mof:3:1: expected ';', found '}'"),
            ("class A { blob X; };", "t.mof:1:11: expected a type, found 'blob'"),
            ("klass A {};", "t.mof:1:1: expected class, instance of, qualifier or #pragma, found 'klass'"),
            ("instance of A { X = ; };", "t.mof:1:21: expected a value, found ';'"),
            ("#pragma include(\"x\")", "t.mof:1:9: #pragma include is not supported: load each file by itself"),
        ] {
            assert_eq!(parse(text).unwrap_err().in_file("t.mof").message, message);
        }
    }

    #[test]
    fn every_shorter_declaration_errs() {
        let start = TEXT.find("[Abstract").unwrap();
        let (class, instance) = TEXT[start..].split_at(TEXT[start..].find("instance of A as").unwrap());
        for declaration in [class.trim(), instance.trim()] {
            assert!(parse(declaration).is_ok());
            for (end, _) in declaration.char_indices().skip(1) {
                assert!(parse(&declaration[..end]).is_err(), "{}", &declaration[..end]);
            }
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        let text = format!("instance of A {{ X = {}", "{".repeat(100_000));
        assert!(parse(&text).unwrap_err().message.contains("nested"));
    }
}
