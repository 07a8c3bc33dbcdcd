//! Writing messages.

use super::{FHIR_VERSION, VERSION, hash, resource, segment};
use cresset_store::{Announcement, Collection, CollectionKind};
use serde_json::{Map, Value, json};

/// What a record may take besides its head and its share of the values: `set`, `part`, `parts`, `share`.
const FRAME: usize = 160;

/// The least that a share of the values has, whatever the limit: an escaped character and more.
const LEAST: usize = 64;

impl super::Message {
    /// The key of an announcement's records: what concerns a resource keeps to one partition.
    pub fn key(collection: &Collection, announcement: &Announcement) -> String {
        let key = &announcement.key;
        format!("{}/{}/{}", collection.name, key.resource_type.0, key.id)
    }

    /// The records of an announcement, none of more than `limit` bytes: one if that is enough, else
    /// several that have a random name in common.
    pub fn records(
        instance: &str,
        collection: &Collection,
        announcement: &Announcement,
        limit: usize,
    ) -> Vec<String> {
        let (head, data) = (head(instance, collection, announcement), data(announcement));
        let values = values(announcement);
        let whole = whole(&head, &data, &values);
        if whole.len() <= limit {
            return vec![whole];
        }
        let values = Value::Object(values).to_string();
        let taken = record(&head, &data).len() + FRAME;
        let shares = shares(&values, limit.saturating_sub(taken).max(LEAST));
        let (set, parts) = (uuid::Uuid::new_v4().to_string(), shares.len());
        let records = shares.iter().enumerate().map(|(n, share)| {
            let mut head = head.clone();
            head.insert("set".into(), json!(set));
            head.insert("part".into(), json!(n + 1));
            head.insert("parts".into(), json!(parts));
            head.insert("share".into(), json!(share));
            record(&head, &data)
        });
        records.collect()
    }
}

fn whole(
    head: &Map<String, Value>,
    data: &Map<String, Value>,
    values: &Map<String, Value>,
) -> String {
    let mut data = data.clone();
    data.extend(values.clone());
    record(head, &data)
}

fn record(head: &Map<String, Value>, data: &Map<String, Value>) -> String {
    let mut all = head.clone();
    all.insert("data".into(), Value::Object(data.clone()));
    Value::Object(all).to_string()
}

fn head(instance: &str, collection: &Collection, of: &Announcement) -> Map<String, Value> {
    let mut head = Map::new();
    let mut put = |name: &str, value: Value| head.insert(name.to_owned(), value);
    put("tenantId", json!(&*collection.name.tenant));
    put("datasourceId", json!(&*collection.name.datasource));
    put("collection", json!(&*collection.name.collection));
    if collection.generation > 0 {
        put("generation", json!(collection.generation));
    }
    if let Some(kind) = kind(collection.kind) {
        put("kind", json!(kind));
    }
    if &*collection.fhir_version != FHIR_VERSION {
        put("fhirVersion", json!(&*collection.fhir_version));
    }
    put("messageVersion", json!(VERSION));
    put("instanceIdentifier", json!(instance));
    if let Some(transaction) = of.transaction {
        // A text: not every reader of JSON has numbers of 64 bits.
        put("xid", json!(transaction.to_string()));
    }
    head
}

/// Nothing is FHIR.
fn kind(kind: CollectionKind) -> Option<&'static str> {
    match kind {
        CollectionKind::Fhir => None,
        CollectionKind::View => Some("view"),
        CollectionKind::Dicom => Some("dicom"),
        CollectionKind::System => Some("system"),
    }
}

fn data(of: &Announcement) -> Map<String, Value> {
    let fields = [
        ("resourceType", json!(resource::type_name(of.key.resource_type))),
        ("logicalId", json!(of.key.id.as_str())),
        ("logicalResourceId", json!(of.number)),
        ("versionId", json!(of.version.number())),
        ("parameterHash", json!(hash::parameter_hash(&of.keys))),
        ("lastUpdated", json!(of.updated.to_string())),
    ];
    fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
}

/// The values, in an array for each type.
fn values(of: &Announcement) -> Map<String, Value> {
    let mut arrays: Map<String, Value> = Map::new();
    for key in of.keys.iter() {
        let array = arrays.entry(segment::array(&key.parameter)).or_insert_with(|| json!([]));
        if let Some(array) = array.as_array_mut() {
            array.push(segment::write(&key));
        }
    }
    arrays
}

/// Cuts a text so that each piece, as a text of JSON, has at most `limit` bytes.
fn shares(text: &str, limit: usize) -> Vec<&str> {
    let (mut shares, mut from, mut length) = (Vec::new(), 0, 0);
    for (at, character) in text.char_indices() {
        // The text is JSON: what would take more than a backslash is escaped in it already.
        let more = character.len_utf8() + usize::from(matches!(character, '"' | '\\'));
        if length + more > limit {
            shares.push(&text[from..at]);
            (from, length) = (at, 0);
        }
        length += more;
    }
    shares.push(&text[from..]);
    shares
}
