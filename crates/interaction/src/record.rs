//! Records that are kept in bookmarks: JSON with the number of its format, one list inside.

use cresset_fhir::json::{Json, Limits, Object, parse};
use cresset_store::{StoreError, Timestamp};

/// Rises when a reader of the old form would misread the new one.
const FORMAT: u64 = 1;

/// The form around a list.
pub(crate) struct Record;

impl Record {
    pub(crate) fn encode(name: &str, items: Vec<Json>) -> Vec<u8> {
        Json::from(Object::new().with("format", FORMAT).with(name, items)).to_bytes()
    }

    /// The list; `None` when these bytes are something else.
    pub(crate) fn decode(bytes: &[u8], name: &str) -> Option<Vec<Json>> {
        let json = parse(bytes, &Limits::default()).ok()?;
        if number(&json, "format")? != FORMAT {
            return None;
        }
        Some(json.get(name)?.as_array()?.to_vec())
    }
}

pub(crate) fn text<'j>(json: &'j Json, name: &str) -> Option<&'j str> {
    json.get(name).and_then(Json::as_str)
}

pub(crate) fn number(json: &Json, name: &str) -> Option<u64> {
    json.get(name)?.as_number()?.as_str().parse().ok()
}

pub(crate) fn moment(json: &Json, name: &str) -> Option<Timestamp> {
    text(json, name).and_then(Timestamp::parse)
}

/// What `read` makes of a property that may be missing; `None` when it is there and can't be read.
pub(crate) fn optional<T>(
    json: &Json,
    name: &str,
    read: impl FnOnce(&Json) -> Option<T>,
) -> Option<Option<T>> {
    match json.get(name) {
        None => Some(None),
        Some(value) => read(value).map(Some),
    }
}

pub(crate) fn unreadable(bookmark: &str) -> StoreError {
    let problem =
        format!("the bookmark '{bookmark}' can't be read; a newer version may have written it");
    StoreError::Corrupt(problem)
}
