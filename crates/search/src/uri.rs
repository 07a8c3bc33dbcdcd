//! Uri parameters (R4 search, section 3.1.1.4.13): compared as they stand. A value is `[Text(uri)]`;
//! a canonical with a version is `[Text(url), Text(version)]`, and found by its URL alone, too.

use crate::escape::unescape;
use crate::form::{Asked, Modifier};
use crate::index::{Leaf, Match, Slot, Values, after_prefix, bounded};
use cresset_fhir::json::Json;
use cresset_store::{Pattern, Segment};

/// How many bytes of a URI are compared.
const LONGEST: usize = 2_000;

/// Where the URI of a datatype is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    Plain,
    Canonical,
}

impl Form {
    pub(crate) fn of(type_name: &str) -> Option<Self> {
        match type_name {
            "uri" | "url" | "oid" | "uuid" => Some(Self::Plain),
            "canonical" => Some(Self::Canonical),
            _ => None,
        }
    }

    pub(crate) fn extract(self, value: &Json, into: &mut Values) {
        let Some(uri) = value.as_str() else {
            return;
        };
        let segments = match (self, uri.split_once('|')) {
            (Self::Canonical, Some((url, version))) => vec![segment(url), segment(version)],
            _ => vec![segment(uri)],
        };
        into.push((Slot::Main, segments));
    }
}

fn segment(uri: &str) -> Segment {
    Segment::Text(bounded(uri, LONGEST).into())
}

/// The URI itself; with `:below` also those that go on from it, with `:above` those that it goes on
/// from (section 3.1.1.4.13), by whole parts between slashes.
pub(crate) fn matches(value: &str, asked: &Asked<'_>) -> Result<Match, String> {
    let uri = unescape(value);
    let mut exact = Match::starting(Slot::Main, vec![Pattern::Is(segment(&uri))]);
    if let Some((url, version)) = uri.split_once('|') {
        let canonical = [url, version].map(|part| Pattern::Is(segment(part)));
        let canonical = Match::starting(Slot::Main, canonical.to_vec());
        exact = Match::Any(vec![exact, canonical]);
    }
    match asked.modifier {
        None => Ok(exact),
        Some(Modifier::Below) => {
            let start = bounded(&uri, LONGEST).trim_end_matches('/');
            let start = format!("{start}/").into_bytes();
            let upper = after_prefix(start.clone());
            let below = Match::Leaf(Leaf::between(Slot::Main, Some(start), upper));
            Ok(Match::Any(vec![exact, below]))
        }
        Some(Modifier::Above) => {
            let is_within = |at: &usize| !uri[..*at].ends_with('/') && *at > 0;
            // Beyond what is compared, all starts are the same.
            let starts =
                bounded(&uri, LONGEST).match_indices('/').map(|(at, _)| at).filter(is_within);
            let starts = starts.map(|at| Pattern::Is(segment(&uri[..at])));
            let above = starts.map(|start| Match::starting(Slot::Main, vec![start]));
            Ok(Match::Any(above.chain([exact]).collect()))
        }
        Some(other) => Err(other.unsupported("uri")),
    }
}
