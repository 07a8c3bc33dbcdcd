//! What goes over the topic comes back as it was.

use cresset_index::Message;
use cresset_index::message::{MessageError, Record, Share, assemble};
use cresset_store::{
    Announcement, Collection, CollectionKind, CollectionName, IndexKey, IndexKeys, Key, Parameter,
    ResourceId, Segment, Timestamp, TypeNumber, Version,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn collection(generation: u32, kind: CollectionKind) -> Collection {
    let name = CollectionName::new("default", "main", "fhir-1").expect("three names");
    Collection { name, generation, kind, fhir_version: "4.0.1".into() }
}

fn announcement(keys: Vec<IndexKey>) -> Announcement {
    Announcement {
        key: Key::new(TypeNumber(97), ResourceId::new("bp-1").expect("an id")),
        number: 815,
        version: Version::new(3).expect("a version"),
        updated: Timestamp::from_milliseconds(1_700_000_000_120),
        transaction: Some(4711),
        keys: IndexKeys::new(keys),
    }
}

fn key(parameter: &str, value: Vec<Segment>) -> IndexKey {
    IndexKey { parameter: Parameter::new(parameter), value }
}

fn golden() -> (Collection, Announcement) {
    let patient = Key::new(TypeNumber(104), ResourceId::new("123").expect("an id"));
    let announcement = announcement(vec![
        key(
            "Observation.code:token",
            vec![Segment::Term("http://loinc.org".into()), Segment::Text("8302-2".into())],
        ),
        key("Observation.effective:date-end", vec![Segment::Ordered(vec![0, 128, 255])]),
        key("Observation.subject:reference", vec![Segment::Resource(patient)]),
        key("Observation.code:words", vec![Segment::Text("größe".into())]),
    ]);
    (collection(2, CollectionKind::Fhir), announcement)
}

fn read(record: &str) -> Result<Record, MessageError> {
    Record::read(record.as_bytes(), "here")
}

fn changed(change: impl Fn(&mut Value)) -> Result<Record, MessageError> {
    let (collection, announcement) = golden();
    let record = Message::records("here", &collection, &announcement, 1_000_000).remove(0);
    let mut record = serde_json::from_str(&record).expect("JSON");
    change(&mut record);
    read(&record.to_string())
}

fn parts(records: &[String]) -> Vec<Share> {
    let part = |record: &String| match read(record) {
        Ok(Record::Part(share)) => share,
        other => panic!("a part is expected: {other:?}"),
    };
    records.iter().map(part).collect()
}

#[test]
fn the_format_is_that_of_the_golden_file() {
    let (collection, announcement) = golden();
    let records = Message::records("here", &collection, &announcement, 1_000_000);
    let expected: Value = serde_json::from_str(include_str!("golden/message.json")).expect("JSON");
    let found: Value = serde_json::from_str(&records[0]).expect("JSON");
    assert_eq!(found, expected, "{found:#}");
    let message = Message { instance: "here".into(), collection, announcement };
    let read = read(include_str!("golden/message.json"));
    assert_eq!(read, Ok(Record::Whole(Box::new(message))));
}

#[test]
fn a_record_says_what_is_wrong_with_it() {
    use MessageError::{Hash, Json, Missing, Version, Wrong};
    assert!(matches!(read("{"), Err(Json(1, _))));
    assert!(matches!(read("[]"), Err(Json(..))));
    assert_eq!(changed(|m| m["messageVersion"] = json!(2)), Err(Version(2)));
    let without = |field: &'static str| {
        move |m: &mut Value| {
            m.as_object_mut().expect("an object").remove(field);
        }
    };
    for field in ["tenantId", "datasourceId", "collection", "messageVersion", "data"] {
        assert_eq!(changed(without(field)), Err(Missing(field)));
    }
    let data = ["resourceType", "logicalId", "logicalResourceId", "versionId", "lastUpdated"];
    for field in data.into_iter().chain(["parameterHash"]) {
        assert_eq!(changed(|m| without(field)(&mut m["data"])), Err(Missing(field)));
        let wrong = changed(|m| m["data"][field] = json!(true));
        assert!(matches!(wrong, Err(Wrong(named, _)) if named == field), "{field}: {wrong:?}");
    }
    assert!(matches!(changed(|m| m["xid"] = json!("x")), Err(Wrong("xid", _))));
    assert!(matches!(changed(|m| m["data"]["versionId"] = json!(0)), Err(Wrong("versionId", _))));
    assert_eq!(changed(|m| m["data"]["tokenValues"] = json!([])), Err(Hash));
    let two = json!({"text": "a", "term": "b"});
    let odd = changed(|m| m["data"]["tokenValues"][0]["value"][0] = two.clone());
    assert!(matches!(odd, Err(Wrong("value", _))));
    let deep = format!("{}{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    assert!(matches!(read(&deep), Err(Json(..))));
}

#[test]
fn other_fields_are_ignored_and_so_are_other_installations() {
    let more = changed(|m| {
        m["later"] = json!({"more": 1});
        m["data"]["later"] = json!([2]);
    });
    assert!(matches!(more, Ok(Record::Whole(_))));
    let foreign = changed(|m| {
        m["instanceIdentifier"] = json!("there");
        m["messageVersion"] = json!(9);
    });
    assert_eq!(foreign, Ok(Record::Foreign));
}

#[test]
fn what_concerns_a_resource_has_one_key() {
    let (collection, announcement) = golden();
    assert_eq!(Message::key(&collection, &announcement), "default/main/fhir-1/97/bp-1");
}

#[test]
fn parts_of_different_sets_make_no_message() {
    let (collection, announcement) = golden();
    let other = Announcement { number: 7, ..announcement.clone() };
    let [first, second] =
        [&announcement, &other].map(|of| parts(&Message::records("here", &collection, of, 600)));
    assert!(first.len() > 1 && first.len() == second.len());
    let mut mixed = first.clone();
    mixed[1] = second[1].clone();
    assert!(assemble(&mixed).is_err());
    assert!(assemble(&first[1..]).is_err() && assemble(&[]).is_err());
    assert_eq!(assemble(&first).expect("a message").announcement, announcement);
}

fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[\"\\\\\\x00-\\x1f\u{7f}\u{2028}é😀a]{0,40}", "(\\\\|\"){0,60}",]
}

fn resource() -> impl Strategy<Value = Key> {
    let of = any::<u16>().prop_map(TypeNumber);
    (of, "[A-Za-z0-9.-]{1,64}")
        .prop_map(|(of, id)| Key::new(of, ResourceId::new(&id).expect("an id")))
}

fn segments() -> impl Strategy<Value = Segment> {
    prop_oneof![
        odd_text().prop_map(|text| Segment::Text(text.into())),
        any::<Vec<u8>>().prop_map(Segment::Ordered),
        odd_text().prop_map(|text| Segment::Term(text.into())),
        resource().prop_map(Segment::Resource),
    ]
}

fn announcements() -> impl Strategy<Value = Announcement> {
    let parameter = prop_oneof![odd_text(), "[A-Z][a-z]{1,5}\\.[a-z]{1,5}:(token|date-end|words)"];
    let one = (parameter, prop::collection::vec(segments(), 0..4));
    let keys = prop::collection::vec(one.prop_map(|(name, value)| key(&name, value)), 0..12);
    let version = (1..=i64::MAX as u64).prop_map(|n| Version::new(n).expect("a version"));
    let moment = any::<i64>().prop_map(Timestamp::from_milliseconds);
    (resource(), any::<i64>(), version, moment, any::<Option<u64>>(), keys).prop_map(
        |(key, number, version, updated, transaction, keys)| Announcement {
            key,
            number,
            version,
            updated,
            transaction,
            keys: IndexKeys::new(keys),
        },
    )
}

proptest! {
    #[test]
    fn announcements_come_back_whole_and_in_parts(
        announcement in announcements(),
        generation in any::<u32>(),
        kind in prop::sample::select(vec![
            CollectionKind::Fhir,
            CollectionKind::View,
            CollectionKind::Dicom,
            CollectionKind::System,
        ]),
        limit in 700_usize..1500,
    ) {
        let collection = collection(generation, kind);
        let whole = Message::records("here", &collection, &announcement, usize::MAX);
        prop_assert_eq!(whole.len(), 1);
        let message = Message { instance: "here".into(), collection, announcement };
        let records =
            Message::records("here", &message.collection, &message.announcement, limit);
        if let [only] = &records[..] {
            prop_assert_eq!(only, &whole[0]);
        } else {
            prop_assert!(records.iter().all(|record| record.len() <= limit));
            let assembled = assemble(&parts(&records));
            prop_assert_eq!(assembled.as_ref(), Ok(&message));
        }
        prop_assert_eq!(read(&whole[0]), Ok(Record::Whole(Box::new(message))));
    }
    /// What stands in for a fuzzer in each run: records that were cut, stretched and overwritten anywhere.
    #[test]
    fn whatever_comes_is_read_or_refused(
        announcement in announcements(),
        limit in prop_oneof![Just(usize::MAX), 700_usize..1500],
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..8, any::<Vec<u8>>()), 1..4),
    ) {
        let collection = collection(0, CollectionKind::Fhir);
        let mut shares = Vec::new();
        for record in Message::records("here", &collection, &announcement, limit) {
            let mut bytes = record.into_bytes();
            for (at, length, instead) in &cuts {
                let from = at.index(bytes.len() + 1);
                let to = bytes.len().min(from + length);
                bytes.splice(from..to, instead.iter().copied());
            }
            if let Ok(Record::Part(share)) = Record::read(&bytes, "here") {
                shares.push(share);
            }
        }
        if !shares.is_empty() {
            drop(assemble(&shares));
        }
    }
}
