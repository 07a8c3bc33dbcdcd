//! Announcements, and where they belong.

use cresset_store::{
    Announcement, Collection, CollectionKind, CollectionName, IndexKey, IndexKeys, Key, Parameter,
    ResourceId, Segment, Timestamp, TypeNumber, Version,
};

pub(crate) fn collection(name: &str) -> Collection {
    let name = CollectionName::new("default", "main", name).expect("three names");
    Collection { name, generation: 0, kind: CollectionKind::Fhir, fhir_version: "4.0.1".into() }
}

/// A version of an observation that is found by one text.
pub(crate) fn announcement(id: &str, version: u64, text: &str) -> Announcement {
    let parameter = Parameter::new("Observation.note:string");
    let value = vec![Segment::Text(text.into())];
    Announcement {
        key: Key::new(TypeNumber(97), ResourceId::new(id).expect("an id")),
        number: 1,
        version: Version::new(version).expect("a version"),
        updated: Timestamp::now(),
        transaction: Some(7),
        keys: IndexKeys::new(vec![IndexKey { parameter, value }]),
    }
}
