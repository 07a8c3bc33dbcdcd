//! The values of FHIRPath's `System` namespace.

mod calendar;
mod date;
mod date_time;
mod decimal;
mod digits;
mod duration;
mod quantity;
mod system_type;
mod time;

use std::fmt;

use compact_str::CompactString;
use rust_decimal::Decimal;

pub use date::Date;
pub use date_time::DateTime;
pub(crate) use decimal::{parse_decimal, round_result};
pub(crate) use duration::{add_to_date, add_to_date_time, add_to_time};
pub(crate) use quantity::equivalent_decimals;
pub use quantity::{CalendarUnit, Quantity, Unit};
pub use system_type::SystemType;
pub use time::Time;

/// A computed value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number of 32 bits.
    Integer(i32),
    /// An exact decimal number; `1.10` keeps its last zero.
    Decimal(Decimal),
    /// A text.
    String(CompactString),
    /// A date, possibly only a year or a year and a month.
    Date(Date),
    /// A date with a time of day, either of them possibly partial.
    DateTime(DateTime),
    /// A time of day, possibly partial.
    Time(Time),
    /// A number with a unit; boxed because it's rare and large.
    Quantity(Box<Quantity>),
    /// What `type()` answers.
    Type(TypeInfo),
}

/// The answer of `type()`: a type's name and the namespace it's in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeInfo {
    /// `System` or `FHIR`.
    pub namespace: &'static str,
    /// The name within the namespace, such as `Integer` or `HumanName`.
    pub name: &'static str,
}

impl Value {
    /// The type of this value; none for the answer of `type()`, which is no `System` value.
    pub fn system_type(&self) -> Option<SystemType> {
        Some(match self {
            Value::Boolean(_) => SystemType::Boolean,
            Value::Integer(_) => SystemType::Integer,
            Value::Decimal(_) => SystemType::Decimal,
            Value::String(_) => SystemType::String,
            Value::Date(_) => SystemType::Date,
            Value::DateTime(_) => SystemType::DateTime,
            Value::Time(_) => SystemType::Time,
            Value::Quantity(_) => SystemType::Quantity,
            Value::Type(_) => return None,
        })
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Boolean(value) => value.fmt(f),
            Value::Integer(value) => value.fmt(f),
            Value::Decimal(value) => value.fmt(f),
            Value::String(value) => f.write_str(value),
            Value::Date(value) => value.fmt(f),
            Value::DateTime(value) => value.fmt(f),
            Value::Time(value) => value.fmt(f),
            Value::Quantity(value) => value.fmt(f),
            Value::Type(value) => write!(f, "{}.{}", value.namespace, value.name),
        }
    }
}
