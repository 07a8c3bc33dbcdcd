//! String parameters (R4 search, section 3.1.1.4.8): names, addresses, titles.
//!
//! A value is `[Text(folded), Text(original)]`, the second empty when folding changed nothing. Two
//! values whose first 200 folded bytes are the same are told apart by `:exact` only, and `:contains`
//! looks no further either.

mod fold;

use crate::escape::unescape;
use crate::form::{Asked, Modifier};
use crate::index::{Leaf, Match, Slot, Values, after_prefix, bounded};
use compact_str::CompactString;
use cresset_fhir::json::Json;
use cresset_store::{Pattern, Segment, TextPart};
use fold::fold;
pub(crate) use fold::push_folded;

/// How many bytes of a folded text are compared.
const LONGEST: usize = 200;
/// How many bytes of the original `:exact` compares.
const LONGEST_EXACT: usize = 1_000;

/// Where the words of a datatype are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    HumanName,
    Address,
    Plain,
}

impl Form {
    pub(crate) fn of(type_name: &str) -> Option<Self> {
        Some(match type_name {
            "HumanName" => Self::HumanName,
            "Address" => Self::Address,
            "string" | "markdown" | "code" | "id" | "uri" | "url" | "canonical" => Self::Plain,
            _ => return None,
        })
    }

    pub(crate) fn extract(self, value: &Json, into: &mut Values) {
        let parts: &[&str] = match self {
            Self::HumanName => &["family", "given", "prefix", "suffix", "text"],
            Self::Address => {
                &["line", "city", "district", "state", "postalCode", "country", "text"]
            }
            Self::Plain => return push(into, value),
        };
        for name in parts {
            for item in value.get(name).map_or(&[][..], Json::items) {
                push(into, item);
            }
        }
    }
}

fn push(into: &mut Values, value: &Json) {
    if let Some(text) = value.as_str() {
        let value = segments(text);
        if value[0] != Segment::Text("".into()) {
            into.push((Slot::Main, value));
        }
    }
}

fn segments(text: &str) -> Vec<Segment> {
    let folded = fold(text, LONGEST);
    let original = if folded == text { "" } else { bounded(text, LONGEST_EXACT) };
    let original = Segment::Text(original.into());
    vec![Segment::Text(folded), original]
}

/// The start of a text, folded; with `:exact` the whole of it as it stands.
pub(crate) fn matches(value: &str, asked: &Asked<'_>) -> Result<Match, String> {
    let value = unescape(value);
    match asked.modifier {
        None => {
            let start = fold(&value, LONGEST);
            if start.is_empty() {
                return Err("an empty text finds nothing".to_owned());
            }
            let start = start.as_bytes().to_vec();
            let upper = after_prefix(start.clone());
            Ok(Match::Leaf(Leaf::between(Slot::Main, Some(start), upper)))
        }
        Some(Modifier::Contains) => having(&value, TextPart::Anywhere),
        Some(Modifier::Exact) => {
            let prefix = segments(&value).into_iter().map(Pattern::Is).collect();
            Ok(Match::starting(Slot::Main, prefix))
        }
        Some(other) => Err(other.unsupported("string")),
    }
}

/// The end of a text, folded: `ew` in a `_filter`.
pub(crate) fn ending(value: &str) -> Result<Match, String> {
    having(&unescape(value), TextPart::End)
}

fn having(value: &str, part: impl Fn(CompactString) -> TextPart) -> Result<Match, String> {
    let folded = fold(value, LONGEST);
    if folded.is_empty() {
        return Err("an empty text finds nothing".to_owned());
    }
    let contains = Some(part(folded));
    Ok(Match::Leaf(Leaf { contains, ..Leaf::starting(Slot::Main, Vec::new()) }))
}
