use super::code_segment;
use crate::escape::{split_once, unescape};
use crate::form::Asked;
use crate::index::{Match, Slot};
use crate::{CodeSet, Coding};
use cresset_store::{Pattern, Segment};

/// How many codes a set may stand for: each is a range of the index.
const MOST_CODES: usize = 10_000;

/// Any code of a set (R4 search, section 3.1.1.4.10: `:in`, `:below`, `:above`). One that the set
/// gives without a system is found under whatever system, as `code` is in a search.
pub(super) fn matches(set: &CodeSet, asked: &Asked<'_>) -> Result<Match, String> {
    let codes = asked.expansions.codes(set)?;
    if codes.len() > MOST_CODES {
        let count = codes.len();
        return Err(format!("stands for {count} codes, and a search may ask for {MOST_CODES}"));
    }
    let leaf = |coding: &Coding| {
        let code = Pattern::Is(code_segment(&coding.code));
        let system = Pattern::Is(Segment::Term(coding.system.as_str().into()));
        let prefix = if coding.system.is_empty() { vec![code] } else { vec![code, system] };
        Match::starting(Slot::Main, prefix)
    };
    Ok(Match::Any(codes.iter().map(leaf).collect()))
}

/// The code whose hierarchy is asked: `system|code`, or `code`.
pub(super) fn coding(value: &str) -> Result<Coding, String> {
    let (system, code) = split_once(value, '|').unwrap_or(("", value));
    if code.is_empty() {
        return Err("needs a code: write system|code".to_owned());
    }
    Ok(Coding { system: unescape(system).into_owned(), code: unescape(code).into_owned() })
}
