//! Writing messages.

use super::json::Object;
use super::{FHIR_VERSION, VERSION, resource, values};
use cresset_store::{Announcement, Collection, CollectionKind};

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
        let (values, hash) = values::write(&announcement.keys);
        let head = head(instance, collection, announcement);
        let data = data(announcement, &hash);
        let parts = (head.len() + data.len(), values.len());
        if parts.0 + parts.1 + FRAME <= limit {
            return vec![record(head, &data, &values)];
        }
        let values = format!("{{{values}}}");
        let shares = shares(&values, limit.saturating_sub(parts.0 + 2 * FRAME).max(LEAST));
        let (set, parts) = (uuid::Uuid::new_v4().to_string(), shares.len());
        let records = shares.iter().enumerate().map(|(n, share)| {
            let mut head = head.clone();
            head.text("set", &set);
            head.number("part", n + 1);
            head.number("parts", parts);
            head.text("share", share);
            record(head, &data, "")
        });
        records.collect()
    }
}

fn record(mut head: Object, data: &Object, values: &str) -> String {
    head.object("data", [data.fields(), values]);
    head.finish()
}

fn head(instance: &str, collection: &Collection, of: &Announcement) -> Object {
    let mut head = Object::default();
    head.text("tenantId", &collection.name.tenant);
    head.text("datasourceId", &collection.name.datasource);
    head.text("collection", &collection.name.collection);
    if collection.generation > 0 {
        head.number("generation", collection.generation);
    }
    if let Some(kind) = kind(collection.kind) {
        head.text("kind", kind);
    }
    if &*collection.fhir_version != FHIR_VERSION {
        head.text("fhirVersion", &collection.fhir_version);
    }
    head.number("messageVersion", VERSION);
    head.text("instanceIdentifier", instance);
    if let Some(transaction) = of.transaction {
        // A text: not every reader of JSON has numbers of 64 bits.
        head.text("xid", &transaction.to_string());
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

fn data(of: &Announcement, hash: &str) -> Object {
    let mut data = Object::default();
    data.text("resourceType", &resource::type_name(of.key.resource_type));
    data.text("logicalId", of.key.id.as_str());
    data.number("logicalResourceId", of.number);
    data.number("versionId", of.version.number());
    data.text("parameterHash", hash);
    data.text("lastUpdated", &of.updated.to_string());
    data
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
