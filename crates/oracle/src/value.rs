//! The values that a parameter finds in a resource, and what a search asks of them.

use crate::date::{self, Span};
use crate::evaluate::{Element, Found, evaluate};
use crate::number;
use crate::parameters::{Parameter, Part};
use crate::quantity::{self, Quantity, Units};
use crate::query::Modifier;
use crate::reference::{self, Reference};
use crate::string;
use crate::token::{self, Token};
use crate::uri;
use crate::{composite, escape};
use cresset_fhir::definitions::ParameterType;
use rust_decimal::Decimal;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Of a token parameter.
    Token(Token),
    /// Of a string parameter: the texts of one element.
    Texts(Vec<String>),
    /// Of a date parameter.
    Date(Span),
    /// Of a number parameter.
    Number(Decimal),
    /// Of a quantity parameter.
    Quantity(Quantity),
    /// Of a reference parameter.
    Reference(Reference),
    /// Of a uri parameter.
    Uri(String),
    /// Of a composite parameter: for each part, the values that one element has.
    Parts(Vec<Vec<Value>>),
    /// An element that the parameter reaches, without anything to compare.
    Empty,
}

/// What values are read and compared by.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The server's base URL.
    pub base: String,
    /// How units are compared.
    pub units: Units,
}

/// The values that a parameter finds in a resource; [`Value::Empty`] for each element that has none.
pub fn values(resource: &Element<'_>, parameter: &Parameter, reading: &Reading) -> Vec<Value> {
    let resource_type = resource.json["resourceType"].as_str().unwrap_or_default();
    let found = evaluate(&parameter.expression, resource);
    let reader = Reader { resource_type, reading };
    if parameter.kind == ParameterType::Composite {
        let elements = found.iter().filter_map(|found| match found {
            Found::Element(element) => Some(element),
            _ => None,
        });
        return elements.filter_map(|element| reader.parts(element, &parameter.parts)).collect();
    }
    found.iter().flat_map(|found| reader.read(parameter.kind, found)).collect()
}

struct Reader<'a> {
    resource_type: &'a str,
    reading: &'a Reading,
}

impl Reader<'_> {
    fn read(&self, kind: ParameterType, found: &Found<'_>) -> Vec<Value> {
        let element = match found {
            Found::Element(element) => element,
            Found::Boolean(value) => return vec![Value::Token(Token::plain(&value.to_string()))],
            Found::Target(_) | Found::Text(_) => return vec![Value::Empty],
        };
        let read: Vec<Value> = match kind {
            ParameterType::Token => {
                let token = Token::read(self.resource_type, element);
                token.map(Value::Token).into_iter().collect()
            }
            ParameterType::String => vec![Value::Texts(string::read(element))],
            ParameterType::Date => date::read(element).map(Value::Date).into_iter().collect(),
            ParameterType::Number => {
                number::read(element.json).map(Value::Number).into_iter().collect()
            }
            ParameterType::Quantity => {
                quantity::read(element).into_iter().map(Value::Quantity).collect()
            }
            ParameterType::Reference => {
                vec![Value::Reference(Reference::read(element, &self.reading.base))]
            }
            ParameterType::Uri => {
                let uri = element.json.as_str().map(str::to_owned);
                uri.map(Value::Uri).into_iter().collect()
            }
            ParameterType::Composite | ParameterType::Special => Vec::new(),
        };
        if read.is_empty() { vec![Value::Empty] } else { read }
    }

    /// An element that lacks a part has no value of the composite.
    fn parts(&self, element: &Element<'_>, parts: &[Part]) -> Option<Value> {
        let of_part = |part: &Part| {
            let found = evaluate(&part.expression, element);
            let values = found.iter().flat_map(|found| self.read(part.kind, found));
            values.filter(|value| *value != Value::Empty).collect()
        };
        let parts: Vec<Vec<Value>> = parts.iter().map(of_part).collect();
        (!parts.iter().any(Vec::is_empty)).then_some(Value::Parts(parts))
    }
}

/// One value of a search, understood.
#[derive(Debug, Clone)]
pub enum Asked {
    /// Of a token parameter.
    Token(token::Asked),
    /// Of a string parameter.
    Text(string::Asked),
    /// Of a date parameter.
    Date(date::Asked),
    /// Of a number parameter.
    Number(number::Asked),
    /// Of a quantity parameter.
    Quantity(quantity::Asked),
    /// Of a reference parameter, with the types that it may point at.
    Reference(reference::Asked, Vec<String>),
    /// Of a uri parameter.
    Uri(uri::Asked),
    /// Of a composite parameter.
    Parts(Vec<Asked>),
}

impl Asked {
    /// Reads one value of a search; `None` when the parameter's type has no such values.
    pub fn read(
        parameter: &Parameter,
        modifier: Option<&Modifier>,
        value: &str,
        reading: &Reading,
    ) -> Option<Self> {
        if parameter.kind == ParameterType::Composite {
            return composite::read(parameter, value, reading).map(Self::Parts);
        }
        Self::simple(parameter.kind, &parameter.targets, modifier, value, reading)
    }

    /// Reads a value of a type that is no composite.
    pub fn simple(
        kind: ParameterType,
        targets: &[String],
        modifier: Option<&Modifier>,
        value: &str,
        reading: &Reading,
    ) -> Option<Self> {
        Some(match kind {
            ParameterType::Token => Self::Token(token::Asked::read(value, modifier)?),
            ParameterType::String => Self::Text(string::Asked::read(value, modifier)?),
            ParameterType::Date => Self::Date(date::Asked::read(value)?),
            ParameterType::Number => Self::Number(number::Asked::read(value)?),
            ParameterType::Quantity => Self::Quantity(quantity::Asked::read(value, reading.units)?),
            ParameterType::Reference => {
                let asked = reference::Asked::read(value, modifier, &reading.base)?;
                Self::Reference(asked, targets.to_vec())
            }
            ParameterType::Uri => Self::Uri(uri::Asked::read(value, modifier)),
            ParameterType::Composite | ParameterType::Special => return None,
        })
    }

    /// Whether a value is so.
    pub fn matches(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Token(asked), Value::Token(token)) => asked.matches(token),
            (Self::Text(asked), Value::Texts(texts)) => asked.matches(texts),
            (Self::Date(asked), Value::Date(span)) => asked.matches(*span),
            (Self::Number(asked), Value::Number(number)) => asked.matches(*number),
            (Self::Quantity(asked), Value::Quantity(quantity)) => asked.matches(quantity),
            (Self::Reference(asked, targets), Value::Reference(reference)) => {
                asked.matches(reference, targets)
            }
            (Self::Uri(asked), Value::Uri(uri)) => asked.matches(uri),
            (Self::Parts(asked), Value::Parts(parts)) => {
                let has = |(asked, values): (&Asked, &Vec<Value>)| {
                    values.iter().any(|value| asked.matches(value))
                };
                asked.len() == parts.len() && asked.iter().zip(parts).all(has)
            }
            _ => false,
        }
    }
}

/// The values between the commas of a parameter, one of which must match.
pub fn alternatives(value: &str) -> Vec<&str> {
    escape::split(value, ',')
}
