//! JSON as FHIR needs it: property order, decimal digits and nothing guessed.
//!
//! A resource is parsed once into a [`Json`] tree and written back from it. Objects keep the order
//! of their properties, numbers keep their text (`1.50` stays `1.50`), and a document that two
//! readers could understand differently (duplicate keys, bad UTF-8, lone surrogates) is refused.

mod number;
mod object;
mod parse;
pub mod scan;
mod write;

pub use number::Number;
pub use object::Object;
pub use parse::{Limits, ParseError, ParseErrorKind, parse};

use compact_str::CompactString;

/// One JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`; FHIR allows it only inside arrays of primitives.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number with the digits that were sent.
    Number(Number),
    /// A string, unescaped.
    String(CompactString),
    /// An array.
    Array(Vec<Json>),
    /// An object in the order that was sent.
    Object(Object),
}

impl Json {
    /// The object's property `name`; `None` for anything that is not an object.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.as_object()?.get(name)
    }

    /// The string, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The object, if this is one.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Json::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The object for changing it, if this is one.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        match self {
            Json::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The items, if this is an array.
    pub fn as_array(&self) -> Option<&[Json]> {
        match self {
            Json::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if this is one.
    pub fn as_number(&self) -> Option<&Number> {
        match self {
            Json::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The items of an array, or the value itself as the only item: how FHIR elements repeat.
    pub fn items(&self) -> &[Json] {
        match self {
            Json::Array(items) => items,
            other => std::slice::from_ref(other),
        }
    }

    /// What kind of JSON this is, for error messages: `object`, `array`, `string`, …
    pub fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "boolean",
            Json::Number(_) => "number",
            Json::String(_) => "string",
            Json::Array(_) => "array",
            Json::Object(_) => "object",
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Json::String(text.into())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Json::String(text.into())
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Json::Bool(value)
    }
}

impl From<u64> for Json {
    fn from(value: u64) -> Self {
        Json::Number(Number::from(value))
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Self {
        Json::Object(object)
    }
}

impl From<Vec<Json>> for Json {
    fn from(items: Vec<Json>) -> Self {
        Json::Array(items)
    }
}
