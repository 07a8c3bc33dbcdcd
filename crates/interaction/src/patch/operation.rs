//! The operations of a FHIRPath Patch: `Parameters` with a parameter `operation` for each.

use cresset_fhir::definitions::Definitions;
use cresset_fhir::json::{Json, Object};
use cresset_fhirpath::Expression;

use super::element::named;
use super::error::{PatchError, Result};
use super::value::PatchValue;

/// An operation.
#[derive(Debug)]
pub(super) struct Operation<'p> {
    pub(super) path: Expression,
    pub(super) change: Change<'p>,
}

/// What is done at the path.
#[derive(Debug)]
pub(super) enum Change<'p> {
    Add { name: &'p str, value: PatchValue<'p> },
    Insert { index: usize, value: PatchValue<'p> },
    Delete,
    Replace { value: PatchValue<'p> },
    Move { source: usize, destination: usize },
}

const PARTS: [&str; 7] = ["type", "path", "name", "value", "index", "source", "destination"];

impl<'p> Operation<'p> {
    pub(super) fn read(parameter: &'p Json, definitions: &Definitions) -> Result<Operation<'p>> {
        let (name, parameter) = named(parameter)?;
        if name != "operation" {
            return Err(PatchError::invalid(
                "the parameters of a FHIRPath Patch are all called 'operation'",
            ));
        }
        let parts = Parts::read(parameter)?;
        let change = match parts.text("type")? {
            "add" => Change::Add { name: parts.text("name")?, value: parts.value(definitions)? },
            "insert" => {
                Change::Insert { index: parts.index("index")?, value: parts.value(definitions)? }
            }
            "delete" => Change::Delete,
            "replace" => Change::Replace { value: parts.value(definitions)? },
            "move" => Change::Move {
                source: parts.index("source")?,
                destination: parts.index("destination")?,
            },
            _ => {
                return Err(PatchError::invalid(
                    "part 'type' is one of add, insert, delete, replace and move",
                ));
            }
        };
        let path = parse_path(parts.text("path")?)?;
        Ok(Operation { path, change })
    }
}

fn parse_path(text: &str) -> Result<Expression> {
    // The parser's own message may quote the text, which can hold names and numbers of patients.
    Expression::parse(text).map_err(|e| {
        PatchError::invalid(format!(
            "part 'path' is no FHIRPath expression, see character {}",
            e.offset
        ))
    })
}

/// The parts of an operation, each at most once.
struct Parts<'p> {
    found: [Option<&'p Object>; PARTS.len()],
}

impl<'p> Parts<'p> {
    fn read(operation: &'p Object) -> Result<Parts<'p>> {
        let mut found = [None; PARTS.len()];
        let parts = operation.get("part").and_then(Json::as_array);
        for part in parts.unwrap_or_default() {
            let (name, part) = named(part)?;
            let Some(at) = PARTS.iter().position(|known| *known == name) else {
                return Err(PatchError::invalid(
                    "the parts of an operation are type, path, name, value, index, source and \
                     destination",
                ));
            };
            if found[at].replace(part).is_some() {
                return Err(PatchError::invalid(format!("part '{name}' occurs twice")));
            }
        }
        Ok(Parts { found })
    }

    fn get(&self, name: &str) -> Result<&'p Object> {
        let at = PARTS.iter().position(|known| *known == name);
        at.and_then(|at| self.found[at])
            .ok_or_else(|| PatchError::invalid(format!("this operation needs part '{name}'")))
    }

    /// A part's text, whatever the type of text: clients mix code and string.
    fn text(&self, name: &str) -> Result<&'p str> {
        let text = simple_value(self.get(name)?).and_then(Json::as_str);
        text.ok_or_else(|| PatchError::invalid(format!("part '{name}' is a text")))
    }

    fn index(&self, name: &str) -> Result<usize> {
        let number = simple_value(self.get(name)?).and_then(Json::as_number);
        number
            .and_then(|number| usize::try_from(number.as_i64()?).ok())
            .ok_or_else(|| PatchError::invalid(format!("part '{name}' is an integer from 0")))
    }

    fn value(&self, definitions: &Definitions) -> Result<PatchValue<'p>> {
        PatchValue::read(self.get("value")?, definitions)?.ok_or_else(|| {
            PatchError::invalid("part 'value' has value[x], parts or a resource in it")
        })
    }
}

fn simple_value(part: &Object) -> Option<&Json> {
    let mut properties = part.iter();
    let found = properties.find(|(name, _)| name.starts_with("value"));
    found.map(|(_, value)| value)
}
