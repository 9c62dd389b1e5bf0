//! Writes classes and instances as MOF that compiles to the same again.

use std::fmt::{self, Write};

use super::qualifier::RESTRICTED;
use crate::{CimType, Class, Instance, Method, Parameter, Property, Qualifier, Value};

/// The declaration of a class: what it adds to its superclass and what it overrides.
///
/// ```
/// use cim::{Repository, mof};
///
/// let mut repository = Repository::default();
/// repository.load_mof("root/x", "x.mof", "class Fan { [Key] string Id; uint32 Speed = 0; };").unwrap();
/// let class = repository.class("root/x", "Fan").unwrap();
/// assert_eq!(mof::class_text(&class), "class Fan {\n    [Key] string Id;\n    uint32 Speed = 0;\n};\n");
/// ```
pub fn class_text(class: &Class) -> String {
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _ = class_into(&mut out, class);
    out
}

/// The declaration of an instance, without properties that are NULL.
pub fn instance_text(instance: &Instance) -> String {
    let mut out = String::new();
    let _ = instance_into(&mut out, instance);
    out.push_str(";\n");
    out
}

fn class_into(out: &mut String, class: &Class) -> fmt::Result {
    if !class.qualifiers.is_empty() {
        qualifiers(out, &class.qualifiers)?;
        out.push('\n');
    }
    write!(out, "class {}", class.name)?;
    if let Some(superclass) = &class.superclass {
        write!(out, " : {}", superclass.name)?;
    }
    out.push_str(" {\n");
    for property in class.properties().iter().filter(|property| property.origin == class.name) {
        out.push_str("    ");
        property_into(out, property)?;
    }
    for method in class.methods().iter().filter(|method| method.origin == class.name) {
        out.push_str("    ");
        method_into(out, method)?;
    }
    out.push_str("};\n");
    Ok(())
}

fn property_into(out: &mut String, property: &Property) -> fmt::Result {
    if !property.qualifiers.is_empty() {
        qualifiers(out, &property.qualifiers)?;
        out.push(' ');
    }
    let embedded = ["EmbeddedInstance", "EmbeddedObject"].iter().any(|name| property.qualifier(name).is_some());
    let cim_type = if embedded { &CimType::String } else { &property.cim_type };
    write!(out, "{cim_type} {}", property.name)?;
    if property.array {
        out.push_str("[]");
    }
    if !property.default.is_null() {
        out.push_str(" = ");
        value(out, &property.default)?;
    }
    out.push_str(";\n");
    Ok(())
}

fn method_into(out: &mut String, method: &Method) -> fmt::Result {
    if !method.qualifiers.is_empty() {
        qualifiers(out, &method.qualifiers)?;
        out.push(' ');
    }
    match &method.result {
        None => out.push_str("void"),
        Some(CimType::Instance(_)) => out.push_str("string"),
        Some(cim_type) => write!(out, "{cim_type}")?,
    }
    write!(out, " {}(", method.name)?;
    for (index, parameter) in method.parameters.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        parameter_into(out, parameter)?;
    }
    out.push_str(");\n");
    Ok(())
}

fn parameter_into(out: &mut String, parameter: &Parameter) -> fmt::Result {
    out.push_str(match (parameter.input, parameter.output) {
        (true, true) => "[In, Out",
        (true, false) => "[In",
        (false, true) => "[Out",
        (false, false) => "[In(FALSE)",
    });
    match &parameter.cim_type {
        CimType::Instance(Some(class)) => write!(out, ", EmbeddedInstance(\"{class}\")] string")?,
        CimType::Instance(None) => out.push_str(", EmbeddedObject] string"),
        cim_type => write!(out, "] {cim_type}")?,
    }
    write!(out, " {}{}", parameter.name, if parameter.array { "[]" } else { "" })
}

fn qualifiers(out: &mut String, list: &[Qualifier]) -> fmt::Result {
    for (index, qualifier) in list.iter().enumerate() {
        out.push_str(if index == 0 { "[" } else { ", " });
        out.push_str(&qualifier.name);
        match &qualifier.value {
            Value::Boolean(true) => {}
            Value::Array(_) => {
                out.push(' ');
                value(out, &qualifier.value)?;
            }
            simple => {
                out.push('(');
                value(out, simple)?;
                out.push(')');
            }
        }
        let restricted = RESTRICTED.contains(&qualifier.name.to_ascii_lowercase().as_str());
        match (restricted, qualifier.to_subclass) {
            (false, false) => out.push_str(" : Restricted"),
            (true, true) => out.push_str(" : ToSubclass"),
            _ => {}
        }
    }
    out.push(']');
    Ok(())
}

fn instance_into(out: &mut String, instance: &Instance) -> fmt::Result {
    write!(out, "instance of {} {{", instance.class().name)?;
    for (property, stored) in instance.class().properties().iter().zip(instance.values()) {
        // A NULL must be written where the class has a default.
        if *stored != property.default {
            write!(out, " {} = ", property.name)?;
            value(out, stored)?;
            out.push(';');
        }
    }
    out.push_str(" }");
    Ok(())
}

fn value(out: &mut String, stored: &Value) -> fmt::Result {
    match stored {
        Value::Null => out.push_str("NULL"),
        Value::Boolean(value) => out.push_str(if *value { "TRUE" } else { "FALSE" }),
        Value::Char16(unit) => write!(out, "'\\x{unit:04X}'")?,
        // MOF has no spelling for infinities and NaN.
        Value::Real32(number) if !number.is_finite() => out.push_str("NULL"),
        Value::Real64(number) if !number.is_finite() => out.push_str("NULL"),
        Value::Real32(number) => write!(out, "{number:?}")?,
        Value::Real64(number) => write!(out, "{number:?}")?,
        Value::Instance(instance) => instance_into(out, instance)?,
        Value::Array(items) => {
            out.push('{');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { " " } else { ", " });
                value(out, item)?;
            }
            out.push_str(" }");
        }
        number if number.number().is_some() => write!(out, "{number}")?,
        text => quoted(out, &text.to_string())?,
    }
    Ok(())
}

fn quoted(out: &mut String, text: &str) -> fmt::Result {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => write!(out, "\\{character}")?,
            '\n' => out.push_str("\\n"),
            control if control < ' ' => write!(out, "\\x{:04X}", u32::from(control))?,
            character => out.push(character),
        }
    }
    out.push('"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Repository;

    const TEXT: &str = r#"
        [Abstract, Description("a \"b\"\n"), Version("1.0"), Mine(5) : Restricted]
        class A {
            [Key, MaxLen(16)] string Id;
            [Write, ValueMap {"0", "1"}, Values {"x", "y"}] uint16 State = 2;
            [EmbeddedInstance("A")] string Part;
            object Any[];
            real64 Real = 1.0e-7;
            char16 Letter = 'q';
            datetime When = "20240131102030.123456+060";
            boolean List[] = { TRUE, FALSE, NULL };
            A REF Next = "A.Id=\"\\\\\"";
            [Static] uint32 Do([In] uint8 X, [In, Out] string Y[], [Out, EmbeddedInstance("A")] string Z, [In(false)] A REF R);
        };
        [Experimental : ToSubclass]
        class B : A { [Override("State"), Description("b")] uint16 State; uint8 Extra; void Nothing(); };
        class C : B { };
        instance of C as $c { Id = "c\t\"\\"; State = NULL; Letter = '\x41'; };
        instance of C { Id = "d"; Part = $c; Any = { $c, $c }; Next = $c; Real = 3.0; };
    "#;

    #[test]
    fn written_text_compiles_to_the_same() {
        let mut repository = Repository::default();
        repository.load_mof("root/x", "t.mof", TEXT).unwrap();
        let classes = repository.classes("root/x").unwrap();
        let mut text: String = classes.iter().map(|class| class_text(class)).collect();
        for class in classes {
            text.extend(repository.static_instances(class).iter().map(instance_text));
        }
        let mut again = Repository::default();
        again.load_mof("root/x", "again.mof", &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        for class in classes {
            let copy = again.class("root/x", &class.name).unwrap();
            assert_eq!(copy.qualifiers, class.qualifiers, "{text}");
            assert_eq!(copy.properties(), class.properties(), "{text}");
            assert_eq!(copy.methods(), class.methods(), "{text}");
            assert_eq!(again.static_instances(&copy), repository.static_instances(class), "{text}");
        }
    }
}
