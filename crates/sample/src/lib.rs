#![doc = include_str!("../README.md")]

mod chart;
mod chronic_care;
mod codes;
mod datatypes;
mod date;
mod decimal;
mod episodes;
mod growth;
mod id;
mod json;
mod life;
mod maternity;
mod mortality;
mod names;
mod person;
mod population;
mod random;
mod resources;
mod shared;
mod vaccination;
mod visits;
mod vitals;

pub use date::Date;
pub use population::Population;

/// The notice that LOINC's license asks of everything that contains LOINC codes.
pub const LOINC_NOTICE: &str = "This material contains content from LOINC (http://loinc.org). \
LOINC is copyright \u{a9} Regenstrief Institute, Inc. and the Logical Observation Identifiers \
Names and Codes (LOINC) Committee and is available at no cost under the license at \
http://loinc.org/license. LOINC\u{ae} is a registered United States trademark of Regenstrief \
Institute, Inc.";
