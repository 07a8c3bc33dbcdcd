//! Codes above and below others: `:above`, `:below` and `$subsumes` (R4, section 4.8.16).

use crate::code_system::hierarchy::Way;
use crate::work::{MOST_CODES, Work};
use crate::{CodeSystem, Problem};

/// How two codes are related (R4 value set `concept-subsumption-outcome`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subsumption {
    /// The same.
    Equivalent,
    /// The first is above the second.
    Subsumes,
    /// The first is below the second.
    SubsumedBy,
    /// Neither.
    NotSubsumed,
}

impl Subsumption {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Equivalent => "equivalent",
            Self::Subsumes => "subsumes",
            Self::SubsumedBy => "subsumed-by",
            Self::NotSubsumed => "not-subsumed",
        }
    }
}

/// A code and all below it, itself first.
///
/// # Errors
/// [`Problem`] when the code system has no such code, holds no concepts, isn't a hierarchy of kinds,
/// or there are more than an expansion may have.
pub fn below<'c>(system: &'c CodeSystem, code: &str) -> Result<Vec<&'c str>, Problem> {
    related(system, code, Way::Down)
}

/// A code and all above it, itself first.
///
/// # Errors
/// As [`below`].
pub fn above<'c>(system: &'c CodeSystem, code: &str) -> Result<Vec<&'c str>, Problem> {
    related(system, code, Way::Up)
}

/// How two codes of a code system are related.
///
/// # Errors
/// As [`below`].
pub fn subsumes(system: &CodeSystem, a: &str, b: &str) -> Result<Subsumption, Problem> {
    let (a, b) = (place(system, a)?, place(system, b)?);
    if a == b {
        return Ok(Subsumption::Equivalent);
    }
    let mut work = Work::new();
    if system.closure(b, Way::Up, &mut work)?.contains(&a) {
        return Ok(Subsumption::Subsumes);
    }
    let is_below = system.closure(a, Way::Up, &mut work)?.contains(&b);
    Ok(if is_below { Subsumption::SubsumedBy } else { Subsumption::NotSubsumed })
}

fn related<'c>(system: &'c CodeSystem, code: &str, way: Way) -> Result<Vec<&'c str>, Problem> {
    let found = system.closure(place(system, code)?, way, &mut Work::new())?;
    if found.len() > MOST_CODES {
        return Err(Problem::TooManyCodes(MOST_CODES));
    }
    Ok(found.into_iter().map(|place| system.concepts()[place].code.as_str()).collect())
}

fn place(system: &CodeSystem, code: &str) -> Result<usize, Problem> {
    let place = system.usable()?.subsuming()?.place(code);
    place.ok_or_else(|| Problem::NoSuchCode(system.canonical()))
}
