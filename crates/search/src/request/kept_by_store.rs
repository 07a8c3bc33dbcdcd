//! `_id` and `_lastUpdated`: what the store keeps itself, without index rows.

use super::criterion::Failure;
use crate::date;
use crate::escape::unescape;
use crate::index::any;
use crate::prefix::Prefix;
use cresset_fhir::definitions::ResourceType;
use cresset_store::{Filter, Key, ResourceId, Timestamp, TypeNumber};

/// A resource of one of the types with this id. What can't be an id finds nothing.
pub(super) fn id(types: &[ResourceType], value: &str) -> Filter {
    let Ok(id) = ResourceId::new(&unescape(value)) else {
        return any([]);
    };
    let key = |t: &ResourceType| Key::new(TypeNumber(t.number()), id.clone());
    Filter::Keys(types.iter().map(key).collect())
}

/// A moment with a prefix. `meta.lastUpdated` is told to the millisecond, so prefixes come down to
/// where it lies (R4 search, section 3.1.1.4.1).
pub(super) fn last_updated(value: &str) -> Result<Filter, Failure> {
    let (prefix, span) = date::parse(value).map_err(Failure::Invalid)?;
    let at = |milliseconds| Some(Timestamp::from_milliseconds(milliseconds));
    let (start, end) = (at(span.start), at(span.end));
    Ok(match prefix {
        Prefix::Equal | Prefix::Approximately => Filter::Updated(start, end),
        Prefix::NotEqual => Filter::Not(Box::new(Filter::Updated(start, end))),
        Prefix::Greater | Prefix::StartsAfter => Filter::Updated(end, None),
        Prefix::GreaterOrEqual => Filter::Updated(start, None),
        Prefix::Less | Prefix::EndsBefore => Filter::Updated(None, start),
        Prefix::LessOrEqual => Filter::Updated(None, end),
    })
}
