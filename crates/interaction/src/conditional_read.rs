//! Conditional read: `If-None-Match` and `If-Modified-Since` (R4, section 3.1.0.2.2).

use crate::entity_tag;
use crate::outcome::{Contents, Outcome, Success};
use crate::request::Conditions;
use cresset_store::Stored;

/// Whether the client has this version already. `If-None-Match` decides where both are given
/// (RFC 9110, section 13.2.2).
pub(crate) fn not_modified(conditions: &Conditions<'_>, stored: &Stored) -> bool {
    match (conditions.if_none_match, conditions.if_modified_since) {
        (Some(tags), _) => entity_tag::names(tags, stored.version),
        (None, Some(since)) => stored.updated.milliseconds().div_euclid(1000) <= since,
        (None, None) => false,
    }
}

/// 304 with the version's headers.
pub(crate) fn unchanged(stored: &Stored) -> Outcome {
    Outcome::new(Success::NotModified, Contents::Empty).with_version(stored.version, stored.updated)
}
