#![doc = include_str!("../README.md")]

pub mod ast;
mod check;
mod collection;
mod context;
mod error;
mod evaluate;
mod expression;
mod functions;
mod lexer;
mod model;
mod node;
mod parser;
mod place;
mod scalar;
pub mod ucum;
mod value;

pub use check::{CheckError, check, types_of};
pub use collection::{Collection, Item};
pub use context::{Context, Host, Limits, NoHost};
pub use error::{EvaluationError, ParseError};
pub use expression::Expression;
pub use functions::Function;
pub use model::reference_type;
pub use node::Node;
pub use place::{Place, PlaceStep, places};
pub use value::{CalendarUnit, Date, DateTime, Quantity, SystemType, Time, TypeInfo, Unit, Value};
