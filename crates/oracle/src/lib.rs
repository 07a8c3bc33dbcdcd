//! An oracle for FHIR R4 searches: slow, obvious, and on its own.
//!
//! It evaluates searches over raw JSON by looking at every resource, asks a running server the same
//! over HTTP, and compares. It shares no code with what it checks: of the product it reads only the
//! list of search parameters. The README says how ambiguous places of the specification are read.

pub mod client;
pub mod compare;
pub mod composite;
pub mod date;
pub mod dice;
pub mod escape;
pub mod evaluate;
pub mod expression;
pub mod generate;
pub mod implied_system;
pub mod number;
pub mod oracle;
pub mod parameters;
pub mod population;
pub mod prefix;
pub mod quantity;
pub mod query;
pub mod reference;
pub mod run;
pub mod shrink;
pub mod sort;
pub mod string;
pub mod token;
pub mod ucum;
pub mod uri;
pub mod value;
