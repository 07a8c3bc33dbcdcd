//! The functions' names and how many arguments each takes.

use std::ops::RangeInclusive;

/// A function of FHIRPath or of FHIR's additions to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the specification's own name")]
pub enum Function {
    Empty,
    Exists,
    All,
    AllTrue,
    AnyTrue,
    AllFalse,
    AnyFalse,
    SubsetOf,
    SupersetOf,
    Count,
    Distinct,
    IsDistinct,
    Not,
    Where,
    Select,
    Repeat,
    Aggregate,
    OfType,
    Is,
    As,
    Type,
    Single,
    First,
    Last,
    Tail,
    Skip,
    Take,
    Intersect,
    Exclude,
    Union,
    Combine,
    Iif,
    ToBoolean,
    ToInteger,
    ToDecimal,
    ToString,
    ToDate,
    ToDateTime,
    ToTime,
    ToQuantity,
    ConvertsToBoolean,
    ConvertsToInteger,
    ConvertsToDecimal,
    ConvertsToString,
    ConvertsToDate,
    ConvertsToDateTime,
    ConvertsToTime,
    ConvertsToQuantity,
    IndexOf,
    LastIndexOf,
    Substring,
    StartsWith,
    EndsWith,
    Contains,
    Upper,
    Lower,
    Replace,
    Matches,
    MatchesFull,
    ReplaceMatches,
    Length,
    ToChars,
    Trim,
    Split,
    Join,
    Encode,
    Decode,
    Escape,
    Unescape,
    Abs,
    Ceiling,
    Exp,
    Floor,
    Ln,
    Log,
    Power,
    Round,
    Sqrt,
    Truncate,
    Children,
    Descendants,
    Trace,
    Now,
    TimeOfDay,
    Today,
    Extension,
    HasValue,
    GetValue,
    Resolve,
    MemberOf,
    ConformsTo,
    HtmlChecks,
    ElementDefinition,
    Slice,
    CheckModifiers,
    Subsumes,
    SubsumedBy,
}

/// Every function with its name and the least and most arguments.
#[rustfmt::skip]
const FUNCTIONS: [(Function, &str, usize, usize); 97] = [
    (Function::Empty, "empty", 0, 0),
    (Function::Exists, "exists", 0, 1),
    (Function::All, "all", 1, 1),
    (Function::AllTrue, "allTrue", 0, 0),
    (Function::AnyTrue, "anyTrue", 0, 0),
    (Function::AllFalse, "allFalse", 0, 0),
    (Function::AnyFalse, "anyFalse", 0, 0),
    (Function::SubsetOf, "subsetOf", 1, 1),
    (Function::SupersetOf, "supersetOf", 1, 1),
    (Function::Count, "count", 0, 0),
    (Function::Distinct, "distinct", 0, 0),
    (Function::IsDistinct, "isDistinct", 0, 0),
    (Function::Not, "not", 0, 0),
    (Function::Where, "where", 1, 1),
    (Function::Select, "select", 1, 1),
    (Function::Repeat, "repeat", 1, 1),
    (Function::Aggregate, "aggregate", 1, 2),
    (Function::OfType, "ofType", 1, 1),
    (Function::Is, "is", 1, 1),
    (Function::As, "as", 1, 1),
    (Function::Type, "type", 0, 0),
    (Function::Single, "single", 0, 0),
    (Function::First, "first", 0, 0),
    (Function::Last, "last", 0, 0),
    (Function::Tail, "tail", 0, 0),
    (Function::Skip, "skip", 1, 1),
    (Function::Take, "take", 1, 1),
    (Function::Intersect, "intersect", 1, 1),
    (Function::Exclude, "exclude", 1, 1),
    (Function::Union, "union", 1, 1),
    (Function::Combine, "combine", 1, 1),
    (Function::Iif, "iif", 2, 3),
    (Function::ToBoolean, "toBoolean", 0, 0),
    (Function::ToInteger, "toInteger", 0, 0),
    (Function::ToDecimal, "toDecimal", 0, 0),
    (Function::ToString, "toString", 0, 0),
    (Function::ToDate, "toDate", 0, 0),
    (Function::ToDateTime, "toDateTime", 0, 0),
    (Function::ToTime, "toTime", 0, 0),
    (Function::ToQuantity, "toQuantity", 0, 1),
    (Function::ConvertsToBoolean, "convertsToBoolean", 0, 0),
    (Function::ConvertsToInteger, "convertsToInteger", 0, 0),
    (Function::ConvertsToDecimal, "convertsToDecimal", 0, 0),
    (Function::ConvertsToString, "convertsToString", 0, 0),
    (Function::ConvertsToDate, "convertsToDate", 0, 0),
    (Function::ConvertsToDateTime, "convertsToDateTime", 0, 0),
    (Function::ConvertsToTime, "convertsToTime", 0, 0),
    (Function::ConvertsToQuantity, "convertsToQuantity", 0, 1),
    (Function::IndexOf, "indexOf", 1, 1),
    (Function::LastIndexOf, "lastIndexOf", 1, 1),
    (Function::Substring, "substring", 1, 2),
    (Function::StartsWith, "startsWith", 1, 1),
    (Function::EndsWith, "endsWith", 1, 1),
    (Function::Contains, "contains", 1, 1),
    (Function::Upper, "upper", 0, 0),
    (Function::Lower, "lower", 0, 0),
    (Function::Replace, "replace", 2, 2),
    (Function::Matches, "matches", 1, 1),
    (Function::MatchesFull, "matchesFull", 1, 1),
    (Function::ReplaceMatches, "replaceMatches", 2, 2),
    (Function::Length, "length", 0, 0),
    (Function::ToChars, "toChars", 0, 0),
    (Function::Trim, "trim", 0, 0),
    (Function::Split, "split", 1, 1),
    (Function::Join, "join", 0, 1),
    (Function::Encode, "encode", 1, 1),
    (Function::Decode, "decode", 1, 1),
    (Function::Escape, "escape", 1, 1),
    (Function::Unescape, "unescape", 1, 1),
    (Function::Abs, "abs", 0, 0),
    (Function::Ceiling, "ceiling", 0, 0),
    (Function::Exp, "exp", 0, 0),
    (Function::Floor, "floor", 0, 0),
    (Function::Ln, "ln", 0, 0),
    (Function::Log, "log", 1, 1),
    (Function::Power, "power", 1, 1),
    (Function::Round, "round", 0, 1),
    (Function::Sqrt, "sqrt", 0, 0),
    (Function::Truncate, "truncate", 0, 0),
    (Function::Children, "children", 0, 0),
    (Function::Descendants, "descendants", 0, 0),
    (Function::Trace, "trace", 1, 2),
    (Function::Now, "now", 0, 0),
    (Function::TimeOfDay, "timeOfDay", 0, 0),
    (Function::Today, "today", 0, 0),
    (Function::Extension, "extension", 1, 1),
    (Function::HasValue, "hasValue", 0, 0),
    (Function::GetValue, "getValue", 0, 0),
    (Function::Resolve, "resolve", 0, 0),
    (Function::MemberOf, "memberOf", 1, 1),
    (Function::ConformsTo, "conformsTo", 1, 1),
    (Function::HtmlChecks, "htmlChecks", 0, 0),
    (Function::ElementDefinition, "elementDefinition", 0, 0),
    (Function::Slice, "slice", 2, 2),
    (Function::CheckModifiers, "checkModifiers", 1, 1),
    (Function::Subsumes, "subsumes", 1, 1),
    (Function::SubsumedBy, "subsumedBy", 1, 1),
];

impl Function {
    /// The function with this name.
    pub fn named(name: &str) -> Option<Function> {
        let found = FUNCTIONS.iter().find(|(_, known, ..)| *known == name);
        found.map(|(function, ..)| *function)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        FUNCTIONS[self as usize].1
    }

    /// How many arguments it takes.
    pub fn arity(self) -> RangeInclusive<usize> {
        let (_, _, least, most) = FUNCTIONS[self as usize];
        least..=most
    }

    /// Whether its argument is the name of a type.
    pub fn takes_type(self) -> bool {
        matches!(self, Function::Is | Function::As | Function::OfType)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_functions() {
        for (index, (function, name, ..)) in FUNCTIONS.iter().enumerate() {
            assert_eq!(*function as usize, index);
            assert_eq!(Function::named(name), Some(*function));
        }
    }
}
