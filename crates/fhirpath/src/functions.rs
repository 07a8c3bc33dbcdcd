//! The functions: their names here, their work in a module for each section of the specification.

mod arguments;
mod combining;
mod conversion;
mod existence;
mod fhir;
mod filtering;
mod math;
mod names;
mod string;
mod subsetting;
mod text_encoding;
mod tree;
mod types;
mod utility;

pub use names::Function;

use crate::ast::Call;
use crate::collection::Collection;
use crate::error::EvaluationError;
use crate::evaluate::{Evaluator, Scope};

pub(crate) use arguments::Arguments;
pub(crate) use types::{has_type, select_type, type_of_reference};

type Result<T, E = EvaluationError> = std::result::Result<T, E>;

/// The answer of a function on its input.
#[rustfmt::skip]
pub(crate) fn call<'a>(
    evaluator: &Evaluator<'a, '_>,
    call: &Call,
    input: Collection<'a>,
    scope: Scope<'a, '_>,
) -> Result<Collection<'a>> {
    use Function as F;
    evaluator.charge(1 + input.len() as u64 / 8)?;
    let arguments = Arguments {
        evaluator,
        call,
        scope,
    };
    match call.function {
        F::Empty | F::Exists | F::All | F::AllTrue | F::AnyTrue | F::AllFalse | F::AnyFalse
        | F::SubsetOf | F::SupersetOf | F::Count | F::Distinct | F::IsDistinct | F::Not => existence::call(arguments, input),
        F::Where | F::Select | F::Repeat | F::Aggregate => filtering::call(arguments, input),
        F::OfType | F::Is | F::As | F::Type => types::call(arguments, input),
        F::Single | F::First | F::Last | F::Tail | F::Skip | F::Take | F::Intersect | F::Exclude => subsetting::call(arguments, input),
        F::Union | F::Combine => combining::call(arguments, input),
        F::Iif | F::ToBoolean | F::ToInteger | F::ToDecimal | F::ToString | F::ToDate
        | F::ToDateTime | F::ToTime | F::ToQuantity | F::ConvertsToBoolean | F::ConvertsToInteger
        | F::ConvertsToDecimal | F::ConvertsToString | F::ConvertsToDate | F::ConvertsToDateTime
        | F::ConvertsToTime | F::ConvertsToQuantity => conversion::call(arguments, input),
        F::IndexOf | F::LastIndexOf | F::Substring | F::StartsWith | F::EndsWith | F::Contains
        | F::Upper | F::Lower | F::Replace | F::Matches | F::MatchesFull | F::ReplaceMatches
        | F::Length | F::ToChars | F::Trim | F::Split | F::Join => string::call(arguments, input),
        F::Encode | F::Decode | F::Escape | F::Unescape => text_encoding::call(arguments, input),
        F::Abs | F::Ceiling | F::Exp | F::Floor | F::Ln | F::Log | F::Power | F::Round | F::Sqrt
        | F::Truncate => math::call(arguments, input),
        F::Children | F::Descendants => tree::call(arguments, input),
        F::Trace | F::Now | F::TimeOfDay | F::Today => utility::call(arguments, input),
        F::Extension | F::HasValue | F::GetValue | F::Resolve | F::MemberOf | F::ConformsTo
        | F::HtmlChecks => fhir::call(arguments, input),
        F::ElementDefinition => Err(EvaluationError::NotAvailable("elementDefinition()")),
        F::Slice => Err(EvaluationError::NotAvailable("slice()")),
        F::CheckModifiers => Err(EvaluationError::NotAvailable("checkModifiers()")),
        F::Subsumes => Err(EvaluationError::NotAvailable("subsumes()")),
        F::SubsumedBy => Err(EvaluationError::NotAvailable("subsumedBy()")),
    }
}
