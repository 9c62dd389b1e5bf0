//! Compiles conditions and projections against a class: names to slots, literals to typed constants, and all the errors
//! a query can have before it touches a row.

use super::ast::{Expression, Literal, Name, Selected};
use super::condition::{Condition, Conjunct, Node, Operand, Test, is_this};
use super::constant::Constant;
use super::error::unfit;
use super::lexer::Relation;
use super::like::Pattern;
use super::parser;
use super::projection::Projection;
use crate::{CimError, CimType, Class, PropertySet, Slot, SystemProperty};

/// What names can mean.
#[derive(Clone, Copy)]
pub(crate) enum Schema<'a> {
    /// Properties of a class's instances.
    Instances(&'a Class),
    /// System properties of class definitions (`meta_class`).
    Classes,
}

impl Condition {
    /// Compiles the text after WHERE.
    ///
    /// ```
    /// use cim::{Instance, Repository, query::Condition};
    ///
    /// let mut repository = Repository::default();
    /// repository.load_mof("root/x", "x.mof", "class Fan { [Key] string Id; uint32 Speed; };").unwrap();
    /// let class = repository.class("root/x", "Fan").unwrap();
    /// let condition = Condition::compile(&class, "Speed >= 1000 AND Id LIKE 'cpu%'").unwrap();
    /// let mut fan = Instance::new(class);
    /// fan.set("Id", "CPU 1");
    /// fan.set("Speed", 1200u32);
    /// assert!(condition.matches(&fan));
    /// ```
    ///
    /// # Errors
    /// `InvalidQuery` or `QuotaViolation`.
    pub fn compile(class: &Class, text: &str) -> Result<Self, CimError> {
        compile(Schema::Instances(class), &parser::parse_condition(text)?)
    }

    /// A condition that each named property equals its text, converted to the property's type (WS-Man selector
    /// filters).
    ///
    /// # Errors
    /// `InvalidQuery` for an unknown property or a text that does not fit its type.
    pub fn equals<'a>(class: &Class, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, CimError> {
        let compare = |(name, text): (&str, &str)| {
            let name = Name { first: name.to_owned(), rest: Vec::new() };
            Expression::Compare(name, Relation::Equal, Literal::Text(text.to_owned()))
        };
        compile(Schema::Instances(class), &Expression::And(pairs.into_iter().map(compare).collect()))
    }
}

/// Compiles a parsed condition.
pub(crate) fn compile(schema: Schema<'_>, expression: &Expression) -> Result<Condition, CimError> {
    let mut slots = Vec::new();
    let root = node(schema, expression, &mut slots)?;
    let terms = match expression {
        Expression::And(items) => items.as_slice(),
        other => std::slice::from_ref(other),
    };
    let mut conjuncts = Vec::new();
    for term in terms {
        let mut slots = Vec::new();
        node(schema, term, &mut slots)?;
        slots.sort_unstable();
        slots.dedup();
        conjuncts.push(Conjunct { text: term.to_string(), slots });
    }
    Ok(Condition { root, slots: slots.into_iter().collect(), conjuncts })
}

fn node(schema: Schema<'_>, expression: &Expression, slots: &mut Vec<Slot>) -> Result<Node, CimError> {
    Ok(match expression {
        Expression::And(items) => Node::And(nodes(schema, items, slots)?),
        Expression::Or(items) => Node::Or(nodes(schema, items, slots)?),
        Expression::Not(inner) => Node::Not(Box::new(node(schema, inner, slots)?)),
        Expression::Isa(name, class) if is_this(name) => Node::Test(Operand::This, Test::Isa(class.as_str().into())),
        Expression::IsNull(name) => Node::Test(resolve(schema, name, slots)?.operand, Test::IsNull),
        Expression::Compare(name, relation, literal) => {
            let target = resolve(schema, name, slots)?;
            let constants = match &target.kind {
                Some((_, true)) if !matches!(target.operand, Operand::System(_)) => {
                    return Err(unfit(format!("{name} is an array: conditions cannot look into arrays")));
                }
                Some((_, true)) if !matches!(relation, Relation::Equal | Relation::NotEqual) => {
                    return Err(unfit(format!("{name} is an array: only = and <> compare it")));
                }
                Some((cim_type, _)) => Box::new([Constant::new(&name.to_string(), cim_type, *relation, literal)?]),
                None => Constant::any(literal),
            };
            Node::Test(target.operand, Test::Compare(*relation, constants))
        }
        Expression::Like(name, pattern) => {
            let target = resolve(schema, name, slots)?;
            match target.kind {
                Some((CimType::String, false)) | None => {}
                Some((cim_type, array)) => {
                    let array = if array { "[]" } else { "" };
                    return Err(unfit(format!("{name} is a {cim_type}{array}: LIKE needs a string")));
                }
            }
            Node::Test(target.operand, Test::Like(Pattern::compile(pattern)?))
        }
        Expression::Isa(name, class) => {
            let target = resolve(schema, name, slots)?;
            match target.kind {
                Some((CimType::Instance(_), false)) | None => {}
                _ => return Err(unfit(format!("{name} is no embedded object: ISA needs one"))),
            }
            Node::Test(target.operand, Test::Isa(class.as_str().into()))
        }
    })
}

fn nodes(schema: Schema<'_>, items: &[Expression], slots: &mut Vec<Slot>) -> Result<Box<[Node]>, CimError> {
    items.iter().map(|item| node(schema, item, slots)).collect()
}

/// What a name stands for; its type and whether it is an array, when these are known before the row is.
struct Target {
    operand: Operand,
    kind: Option<(CimType, bool)>,
}

fn resolve(schema: Schema<'_>, name: &Name, slots: &mut Vec<Slot>) -> Result<Target, CimError> {
    if name.rest.is_empty()
        && let Some(property) = SystemProperty::find(&name.first)
    {
        let kind = match property {
            SystemProperty::Genus | SystemProperty::PropertyCount => (CimType::Sint32, false),
            SystemProperty::Derivation => (CimType::String, true),
            _ => (CimType::String, false),
        };
        return Ok(Target { operand: Operand::System(property), kind: Some(kind) });
    }
    let Schema::Instances(class) = schema else {
        return Err(unfit(format!("meta_class has no property {name}: only system properties such as __Class")));
    };
    let (slot, property) = find(class, &name.first)?;
    slots.push(slot);
    if name.rest.is_empty() {
        let kind = Some((property.cim_type.clone(), property.array));
        return Ok(Target { operand: Operand::Slot(slot), kind });
    }
    if property.array || !matches!(property.cim_type, CimType::Instance(_)) {
        return Err(unfit(format!("{name}: {} is no embedded object", property.name)));
    }
    Ok(Target { operand: Operand::Embedded(slot, name.rest.clone().into()), kind: None })
}

fn find<'a>(class: &'a Class, name: &str) -> Result<(Slot, &'a crate::Property), CimError> {
    class
        .slot(name)
        .and_then(|slot| class.property(slot).map(|property| (slot, property)))
        .ok_or_else(|| unfit(format!("class {} has no property {name}", class.name)))
}

/// Compiles a select list.
pub(crate) fn project(class: &Class, list: &[Selected]) -> Result<Projection, CimError> {
    let mut projection = Projection::default();
    for Selected { name, star } in list {
        if name.rest.is_empty()
            && !star
            && let Some(property) = SystemProperty::find(&name.first)
        {
            if !projection.system.contains(&property) {
                projection.system.push(property);
            }
            if property.needs_keys() {
                projection.hidden.extend(class.keys().map(|(slot, _)| slot));
            }
            continue;
        }
        let (slot, property) = find(class, &name.first)?;
        let inside = *star || !name.rest.is_empty();
        if inside && (property.array || !matches!(property.cim_type, CimType::Instance(_))) {
            return Err(unfit(format!("{name}: {} is no embedded object", property.name)));
        }
        projection.add(slot, &name.rest, *star);
    }
    Ok(projection)
}

/// The slots a query needs: those selected, those the condition looks at, and the keys. Without a projection all of
/// them.
pub(crate) fn wanted(class: &Class, projection: Option<&Projection>, condition: Option<&Condition>) -> PropertySet {
    let Some(projection) = projection else { return PropertySet::all(class) };
    (0..class.properties().len())
        .map(Slot)
        .filter(|slot| {
            projection.slots.contains(slot)
                || projection.hidden.contains(slot)
                || condition.is_some_and(|condition| condition.slots().contains(*slot))
                || class.property(*slot).is_some_and(|property| property.key)
        })
        .collect()
}
