//! The types that each part of an expression can have.

use cresset_fhir::definitions::{Definitions, Kind, TypeId};

use super::CheckError;
use crate::ast::{Call, Identifier, Node, Operator, Path, Step, TypeName, TypeOperation};
use crate::functions::Function;
use crate::model::is_named;

type Result<T> = std::result::Result<T, CheckError>;

pub(super) fn types(
    ast: &Node,
    definitions: &Definitions,
    root: TypeId,
) -> Result<Option<Vec<TypeId>>> {
    let focus = Static { types: Some(vec![root]), is_ordered: true };
    Checker { definitions }.node(ast, &focus).map(|found| found.types)
}

/// What's known of a value beforehand.
#[derive(Clone)]
struct Static {
    /// The FHIR types it can have; none when they aren't known, or it's a computed value.
    types: Option<Vec<TypeId>>,
    is_ordered: bool,
}

impl Static {
    const UNKNOWN: Static = Static { types: None, is_ordered: true };
}

struct Checker<'d> {
    definitions: &'d Definitions,
}

impl Checker<'_> {
    fn node(&self, ast: &Node, focus: &Static) -> Result<Static> {
        match ast {
            Node::Path(path) => self.path(path, focus),
            Node::This => Ok(focus.clone()),
            Node::Polarity { operand, .. } => self.node(operand, focus).map(|_| Static::UNKNOWN),
            Node::Binary { operator, left, right } => {
                let (left, right) = (self.node(left, focus)?, self.node(right, focus)?);
                Ok(match operator {
                    Operator::Union => either(left, right),
                    _ => Static::UNKNOWN,
                })
            }
            Node::Type { operation, operand, name } => {
                let operand = self.node(operand, focus)?;
                Ok(match operation {
                    TypeOperation::As => self.of_type(operand, name),
                    TypeOperation::Is => Static::UNKNOWN,
                })
            }
            _ => Ok(Static::UNKNOWN),
        }
    }

    fn path(&self, path: &Path, focus: &Static) -> Result<Static> {
        let mut steps = path.steps.as_slice();
        let mut current = match &path.start {
            Some(start) => self.node(start, focus)?,
            None => focus.clone(),
        };
        if let (None, Some(Step::Member(first))) = (&path.start, steps.first())
            && self.is_own_type(&current, first)?
        {
            steps = &steps[1..];
        }
        for step in steps {
            current = match step {
                Step::Member(name) => self.member(&current, name)?,
                Step::Index(index) => {
                    self.node(index, focus)?;
                    ordered(&current, "[ ]")?;
                    current
                }
                Step::Call(call) => self.call(call, current, focus)?,
            };
        }
        Ok(current)
    }

    /// Whether a path's first name is the type of its focus.
    fn is_own_type(&self, focus: &Static, first: &Identifier) -> Result<bool> {
        let name = first.name();
        let Some(types) = &focus.types else {
            return Ok(false);
        };
        if types.iter().any(|type_id| is_named(self.definitions, *type_id, name)) {
            return Ok(true);
        }
        match self.definitions.type_named(name) {
            Some(_) if name.starts_with(|c: char| c.is_ascii_uppercase()) => {
                let found = self.names(types);
                Err(CheckError::OtherType { expected: name.to_owned(), found })
            }
            _ => Ok(false),
        }
    }

    fn member(&self, current: &Static, name: &Identifier) -> Result<Static> {
        let Some(types) = &current.types else {
            return Ok(Static { is_ordered: current.is_ordered, ..Static::UNKNOWN });
        };
        let mut found = Vec::new();
        for type_id in types {
            let definition = &self.definitions[*type_id];
            if definition.kind == Kind::Resource && definition.is_abstract {
                return Ok(Static::UNKNOWN);
            }
            if let Some(element) = definition.element_named(name.name()) {
                found.extend_from_slice(&element.types);
            }
        }
        if found.is_empty() {
            let (types, element) = (self.names(types), name.name().to_owned());
            return Err(CheckError::UnknownElement { types, element });
        }
        found.sort_unstable();
        found.dedup();
        Ok(Static { types: Some(found), is_ordered: current.is_ordered })
    }

    fn call(&self, call: &Call, input: Static, focus: &Static) -> Result<Static> {
        use Function as F;
        let inner = match call.function {
            F::Where
            | F::Select
            | F::Exists
            | F::All
            | F::Repeat
            | F::Aggregate
            | F::Trace
            | F::Iif => &input,
            _ => focus,
        };
        let arguments = call.arguments.iter().map(|argument| self.node(argument, inner));
        let arguments = arguments.collect::<Result<Vec<Static>>>()?;
        Ok(match call.function {
            F::First | F::Last | F::Tail | F::Skip | F::Take => {
                ordered(&input, call.function.name())?;
                input
            }
            F::Where | F::Distinct | F::Single | F::Intersect | F::Exclude | F::Trace => input,
            F::Select => arguments.into_iter().next().unwrap_or(Static::UNKNOWN),
            F::Union | F::Combine => arguments.into_iter().fold(input, either),
            F::OfType | F::As => match &call.type_name {
                Some(name) => self.of_type(input, name),
                None => Static::UNKNOWN,
            },
            F::Extension => {
                let types = self.definitions.type_named("Extension").map(|id| vec![id]);
                Static { types, is_ordered: true }
            }
            F::Children | F::Descendants => Static { types: None, is_ordered: false },
            _ => Static::UNKNOWN,
        })
    }

    fn of_type(&self, operand: Static, name: &TypeName) -> Static {
        let type_id = match name.namespace.as_deref() {
            Some("System") => None,
            _ => self.definitions.type_named(&name.name),
        };
        Static { types: type_id.map(|id| vec![id]), ..operand }
    }

    fn names(&self, types: &[TypeId]) -> String {
        let names: Vec<&str> = types.iter().map(|id| self.definitions[*id].name.as_str()).collect();
        names.join(" or ")
    }
}

fn either(left: Static, right: Static) -> Static {
    let types = left.types.zip(right.types).map(|(mut left, right)| {
        left.extend(right);
        left.sort_unstable();
        left.dedup();
        left
    });
    Static { types, is_ordered: left.is_ordered && right.is_ordered }
}

fn ordered(input: &Static, function: &'static str) -> Result<()> {
    if input.is_ordered { Ok(()) } else { Err(CheckError::NoOrder(function)) }
}
