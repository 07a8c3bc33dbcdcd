//! Items as the values that operators and functions work on.
//!
//! FHIR's primitives, and quantities with a UCUM unit, act as values of the `System` namespace
//! (FHIR's "Using FHIRPath with FHIR"). A [`Scalar`] is such a value without a copy of its text.

use cresset_fhir::definitions::{Definitions, Kind};
use cresset_fhir::json::Json;
use rust_decimal::Decimal;

use crate::collection::Item;
use crate::model::is_named;
use crate::node::Node;
use crate::value::{
    CalendarUnit, Date, DateTime, Quantity, Time, TypeInfo, Unit, Value, parse_decimal,
};

const UCUM: &str = "http://unitsofmeasure.org";

/// A value to compare or compute with.
#[derive(Debug, Clone)]
pub(crate) enum Scalar<'x> {
    Boolean(bool),
    Integer(i32),
    Decimal(Decimal),
    String(&'x str),
    Date(Date),
    DateTime(DateTime),
    Time(Time),
    Quantity(Quantity),
    Type(TypeInfo),
    /// An element or resource that is no value.
    Complex(&'x Json),
    /// A primitive that has only extensions.
    Absent,
}

impl<'x> Scalar<'x> {
    pub(crate) fn of(item: &'x Item<'_>, definitions: &Definitions) -> Scalar<'x> {
        match item {
            Item::Value(value) => Scalar::of_value(value),
            Item::Node(node) => Scalar::of_node(*node, definitions),
        }
    }

    pub(crate) fn of_value(value: &'x Value) -> Scalar<'x> {
        match value {
            Value::Boolean(value) => Scalar::Boolean(*value),
            Value::Integer(value) => Scalar::Integer(*value),
            Value::Decimal(value) => Scalar::Decimal(*value),
            Value::String(value) => Scalar::String(value),
            Value::Date(value) => Scalar::Date(*value),
            Value::DateTime(value) => Scalar::DateTime(*value),
            Value::Time(value) => Scalar::Time(*value),
            Value::Quantity(value) => Scalar::Quantity((**value).clone()),
            Value::Type(value) => Scalar::Type(*value),
        }
    }

    pub(crate) fn of_node(node: Node<'x>, definitions: &Definitions) -> Scalar<'x> {
        let Some(json) = node.json else {
            return Scalar::Absent;
        };
        let definition = node.type_id.map(|type_id| &definitions[type_id]);
        let type_name = definition.map_or("", |definition| definition.name.as_str());
        match json {
            Json::Null => Scalar::Absent,
            Json::Bool(value) => Scalar::Boolean(*value),
            Json::Number(number) => Scalar::number(number.as_str(), type_name),
            Json::String(text) => Scalar::text(text, type_name),
            Json::Array(_) => Scalar::Complex(json),
            Json::Object(_) => {
                let is_quantity = definition.is_some_and(|definition| {
                    definition.kind == Kind::Complex
                        && node.type_id.is_some_and(|id| is_named(definitions, id, "Quantity"))
                });
                let quantity = if is_quantity { quantity(json) } else { None };
                quantity.map_or(Scalar::Complex(json), Scalar::Quantity)
            }
        }
    }

    fn number(text: &'x str, type_name: &str) -> Scalar<'x> {
        let integer = if type_name == "decimal" { None } else { text.parse().ok() };
        match (integer, parse_decimal(text)) {
            (Some(integer), _) => Scalar::Integer(integer),
            (None, Some(decimal)) => Scalar::Decimal(decimal),
            // Beyond what decimals can hold: only its text can be compared.
            (None, None) => Scalar::String(text),
        }
    }

    fn text(text: &'x str, type_name: &str) -> Scalar<'x> {
        let moment = match type_name {
            "date" => Date::parse(text).map(Scalar::Date),
            "dateTime" | "instant" => DateTime::parse(text).map(Scalar::DateTime),
            "time" => Time::parse(text).map(Scalar::Time),
            _ => None,
        };
        moment.unwrap_or(Scalar::String(text))
    }

    /// The number, if this is one.
    pub(crate) fn decimal(&self) -> Option<Decimal> {
        match self {
            Scalar::Integer(value) => Some(Decimal::from(*value)),
            Scalar::Decimal(value) => Some(*value),
            _ => None,
        }
    }

    /// A value of its own; none for what is no value.
    pub(crate) fn into_value(self) -> Option<Value> {
        Some(match self {
            Scalar::Boolean(value) => Value::Boolean(value),
            Scalar::Integer(value) => Value::Integer(value),
            Scalar::Decimal(value) => Value::Decimal(value),
            Scalar::String(value) => Value::String(value.into()),
            Scalar::Date(value) => Value::Date(value),
            Scalar::DateTime(value) => Value::DateTime(value),
            Scalar::Time(value) => Value::Time(value),
            Scalar::Quantity(value) => Value::Quantity(Box::new(value)),
            Scalar::Type(value) => Value::Type(value),
            Scalar::Complex(_) | Scalar::Absent => return None,
        })
    }

    /// What this is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Scalar::Boolean(_) => "a Boolean",
            Scalar::Integer(_) => "an Integer",
            Scalar::Decimal(_) => "a Decimal",
            Scalar::String(_) => "a String",
            Scalar::Date(_) => "a Date",
            Scalar::DateTime(_) => "a DateTime",
            Scalar::Time(_) => "a Time",
            Scalar::Quantity(_) => "a Quantity",
            Scalar::Type(_) => "a type",
            Scalar::Complex(_) => "an element that is no value",
            Scalar::Absent => "an element without a value",
        }
    }
}

/// A FHIR Quantity as a System one: only with a UCUM code and without a comparator. Its units of
/// time become calendar units.
fn quantity(json: &Json) -> Option<Quantity> {
    let text = |name| json.get(name).and_then(Json::as_str);
    let code = text("code")?;
    if text("system") != Some(UCUM) || json.get("comparator").is_some() {
        return None;
    }
    let value = parse_decimal(json.get("value")?.as_number()?.as_str())?;
    let unit = match CalendarUnit::of_ucum(code) {
        Some(unit) => Unit::Calendar(unit),
        None => Unit::Ucum(code.into()),
    };
    Some(Quantity { value, unit })
}
