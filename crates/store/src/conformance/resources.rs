//! The resources that cases write: a text with a name in it, found by that name.

use crate::*;
use std::sync::Arc;

pub(super) const PERSON: TypeNumber = TypeNumber(7);
pub(super) const NOTE: TypeNumber = TypeNumber(300);
pub(super) const PLACE: TypeNumber = TypeNumber(65_535);

pub(super) fn key(resource_type: TypeNumber, id: &str) -> Key {
    Key::new(resource_type, ResourceId::new(id).expect("an id"))
}

pub(super) fn person(id: &str) -> Key {
    key(PERSON, id)
}

pub(super) fn note(id: &str) -> Key {
    key(NOTE, id)
}

pub(super) fn payload(name: &str) -> Payload {
    let text = format!("{{\"meta\":{{}},\"name\":\"{name}\"}}");
    Payload::encode(text.as_bytes(), Some(9))
}

/// The name in a stored resource; the empty text for a deletion.
pub(super) fn name_of(stored: &Stored) -> String {
    let Some(payload) = stored.payload() else {
        return String::new();
    };
    let text = payload.text().expect("what was written decodes");
    let text = String::from_utf8(text).expect("what was written is text");
    let name = text.split("\"name\":\"").nth(1).and_then(|rest| rest.strip_suffix("\"}"));
    name.expect("what was written has a name").to_owned()
}

pub(super) fn numbers(versions: &[Stored]) -> Vec<u64> {
    versions.iter().map(|v| v.version.number()).collect()
}

pub(super) fn entry(parameter: &str, value: Vec<Segment>) -> IndexKey {
    IndexKey { parameter: Parameter::new(parameter), value }
}

pub(super) fn text(value: &str) -> Segment {
    Segment::Text(value.into())
}

pub(super) fn term(value: &str) -> Segment {
    Segment::Term(value.into())
}

/// A number as bytes in its order.
pub(super) fn ordered(number: u64) -> Segment {
    Segment::Ordered(number.to_be_bytes().to_vec())
}

pub(super) fn named_index(name: &str) -> IndexKeys {
    IndexKeys::new(vec![entry("name", vec![text(name)])])
}

/// A version with this name, found by it.
pub(super) fn put(key: &Key, name: &str) -> Write {
    put_with(key, name, vec![entry("name", vec![text(name)])])
}

/// A version with this name, found by these keys.
pub(super) fn put_with(key: &Key, name: &str, index: Vec<IndexKey>) -> Write {
    let action = Action::Put { payload: payload(name), index: IndexKeys::new(index) };
    Write { key: key.clone(), precondition: Precondition::None, action }
}

/// A version with this name, found by it, that refers to `target` through `link`.
pub(super) fn put_linked(key: &Key, name: &str, target: &Key) -> Write {
    let link = entry("link", vec![Segment::Resource(target.clone())]);
    put_with(key, name, vec![entry("name", vec![text(name)]), link])
}

pub(super) fn delete(key: &Key) -> Write {
    Write { key: key.clone(), precondition: Precondition::None, action: Action::Delete }
}

pub(super) fn given(precondition: Precondition, write: Write) -> Write {
    Write { precondition, ..write }
}

/// "Has this name."
pub(super) fn named(name: &str) -> Filter {
    holding("name", vec![text(name)])
}

/// "Has this value, or one that starts with it."
pub(super) fn holding(parameter: &str, value: Vec<Segment>) -> Filter {
    Filter::Scan(Scan::starting(Parameter::new(parameter), value))
}

/// The first page of what matches, with the total.
pub(super) fn query(types: &[TypeNumber], filter: Filter, limit: usize) -> Query {
    let (sort, start, total) = (Vec::new(), Start::First, true);
    Query { types: types.to_vec(), filter, sort, start, limit, total }
}

pub(super) fn guard(filter: Filter, found: &[Key]) -> Guard {
    Guard { query: query(&[], filter, found.len() + 1), found: found.to_vec() }
}

pub(super) fn whole_history(range: HistoryRange) -> HistoryQuery {
    HistoryQuery::all(range, 1000)
}

/// A version as it was elsewhere, `seconds` after 2020 began; no name means a deletion.
pub(super) fn replica(key: &Key, version: u64, seconds: i64, name: Option<&str>) -> Replica {
    Replica {
        key: key.clone(),
        version: Version::new(version).expect("a version"),
        updated: moment(seconds),
        state: name.map_or(ReplicaState::Deleted, |name| ReplicaState::Live(payload(name))),
        index: name.map(named_index).unwrap_or_default(),
        lineage: None,
        provenance: Arc::default(),
    }
}

pub(super) fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_milliseconds(1_577_836_800_000 + seconds * 1000)
}
