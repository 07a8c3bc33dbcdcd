//! Reading records.

use super::hash::Hash;
use super::{FHIR_VERSION, Message, MessageError, VERSION, resource, segment};
use cresset_store::{
    Announcement, Collection, CollectionKind, CollectionName, IndexKeys, Key, ResourceId,
    Timestamp, Version,
};
use serde_json::{Map, Value};

/// A record of a topic.
#[derive(Debug, PartialEq, Eq)]
pub enum Record {
    /// Of another installation, whatever else it says.
    Foreign,
    /// A message by itself.
    Whole(Box<Message>),
    /// A part of one.
    Part(Share),
}

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// What the parts of one message have in common.
    pub set: String,
    /// Which part it is, from 1.
    pub part: usize,
    /// How many there are.
    pub parts: usize,
    /// The record without its share of the values.
    head: Map<String, Value>,
    /// A piece of the JSON that has the values.
    text: String,
}

/// More parts than any message has.
const MOST_PARTS: u64 = 100_000;

impl Share {
    /// Bytes of memory that it takes, roughly.
    pub fn size(&self) -> usize {
        self.text.len() + 1024
    }
}

impl Record {
    /// Reads a record; `instance` is whose messages are wanted.
    ///
    /// # Errors
    /// [`MessageError`] says which field is wrong.
    pub fn read(bytes: &[u8], instance: &str) -> Result<Self, MessageError> {
        let mut head: Map<String, Value> = serde_json::from_slice(bytes)
            .map_err(|error| MessageError::Json(error.line(), error.column()))?;
        if text(&head, "instanceIdentifier")? != instance {
            return Ok(Self::Foreign);
        }
        match number(&head, "messageVersion")? {
            VERSION => {}
            other => return Err(MessageError::Version(other)),
        }
        if !head.contains_key("set") {
            return message(&head).map(|message| Self::Whole(Box::new(message)));
        }
        let (part, parts) = (number(&head, "part")?, number(&head, "parts")?);
        if parts > MOST_PARTS || !(1..=parts).contains(&part) {
            return Err(MessageError::Wrong("part", "one of the parts that the record tells of"));
        }
        let set = text(&head, "set")?.to_owned();
        let share = text(&head, "share")?.to_owned();
        head.retain(|name, _| !["set", "part", "share"].contains(&name.as_str()));
        let in_memory = |n| usize::try_from(n).map_err(|_| MessageError::Wrong("part", "small"));
        Ok(Self::Part(Share {
            set,
            part: in_memory(part)?,
            parts: in_memory(parts)?,
            head,
            text: share,
        }))
    }
}

/// The message of which these are all parts, in order.
///
/// # Errors
/// [`MessageError`] when they aren't, or what they make is none.
pub fn assemble(parts: &[Share]) -> Result<Message, MessageError> {
    let first = parts.first().ok_or(MessageError::Missing("part"))?;
    let in_order = parts.iter().enumerate().all(|(n, share)| share.part == n + 1);
    if first.parts != parts.len() || !in_order || parts.iter().any(|p| p.head != first.head) {
        return Err(MessageError::Wrong("part", "one of those with the same set"));
    }
    let text: String = parts.iter().map(|share| share.text.as_str()).collect();
    let values: Map<String, Value> = serde_json::from_str(&text)
        .map_err(|_| MessageError::Wrong("share", "a piece of the values"))?;
    let mut head = first.head.clone();
    if let Some(data) = head.get_mut("data").and_then(Value::as_object_mut) {
        data.extend(values);
    }
    message(&head)
}

fn message(head: &Map<String, Value>) -> Result<Message, MessageError> {
    let data = field(head, "data")?.as_object().ok_or(MessageError::Wrong("data", "an object"))?;
    let announcement = Announcement { transaction: transaction(head)?, ..announcement(data)? };
    let instance = text(head, "instanceIdentifier")?.to_owned();
    Ok(Message { instance, collection: collection(head)?, announcement })
}

fn collection(head: &Map<String, Value>) -> Result<Collection, MessageError> {
    let (tenant, datasource) = (text(head, "tenantId")?, text(head, "datasourceId")?);
    let name = CollectionName::new(tenant, datasource, text(head, "collection")?);
    let name = name.map_err(|_| {
        MessageError::Wrong("tenantId, datasourceId, or collection", "a collection's name")
    })?;
    let generation = optional(head, "generation", number)?.unwrap_or(0);
    let generation = u32::try_from(generation)
        .map_err(|_| MessageError::Wrong("generation", "a number of 32 bits"))?;
    let kind = match optional(head, "kind", text)? {
        None => CollectionKind::Fhir,
        Some("view") => CollectionKind::View,
        Some("dicom") => CollectionKind::Dicom,
        Some("system") => CollectionKind::System,
        Some(_) => return Err(MessageError::Wrong("kind", "view, dicom, or system")),
    };
    let fhir_version = optional(head, "fhirVersion", text)?.unwrap_or(FHIR_VERSION).into();
    Ok(Collection { name, generation, kind, fhir_version })
}

fn transaction(head: &Map<String, Value>) -> Result<Option<u64>, MessageError> {
    let xid = optional(head, "xid", text)?;
    let read = |xid: &str| xid.parse().map_err(|_| MessageError::Wrong("xid", "a number"));
    xid.map(read).transpose()
}

/// All but the transaction.
fn announcement(data: &Map<String, Value>) -> Result<Announcement, MessageError> {
    let of = resource::type_number(text(data, "resourceType")?, "resourceType")?;
    let id = ResourceId::new(text(data, "logicalId")?);
    let id = id.map_err(|_| MessageError::Wrong("logicalId", "an id"))?;
    let wrong = MessageError::Wrong("logicalResourceId", "a number of 64 bits");
    let at = field(data, "logicalResourceId")?.as_i64().ok_or(wrong)?;
    let version = Version::new(number(data, "versionId")?);
    let version = version.ok_or(MessageError::Wrong("versionId", "a version's number"))?;
    let updated = Timestamp::parse(text(data, "lastUpdated")?);
    let updated = updated.ok_or(MessageError::Wrong("lastUpdated", "an instant"))?;
    let keys = keys(data)?;
    if text(data, "parameterHash")? != Hash::of(&keys) {
        return Err(MessageError::Hash);
    }
    let key = Key::new(of, id);
    Ok(Announcement { key, number: at, version, updated, transaction: None, keys })
}

fn keys(data: &Map<String, Value>) -> Result<IndexKeys, MessageError> {
    let mut keys = Vec::new();
    for (_, entries) in data.iter().filter(|(name, _)| name.ends_with(segment::ARRAY)) {
        let entries = entries.as_array().ok_or(MessageError::Wrong("data", "arrays of values"))?;
        for entry in entries {
            keys.push(segment::read(entry)?);
        }
    }
    Ok(IndexKeys::new(keys))
}

fn field<'a>(of: &'a Map<String, Value>, name: &'static str) -> Result<&'a Value, MessageError> {
    of.get(name).ok_or(MessageError::Missing(name))
}

fn text<'a>(of: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, MessageError> {
    field(of, name)?.as_str().ok_or(MessageError::Wrong(name, "a text"))
}

fn number(of: &Map<String, Value>, name: &'static str) -> Result<u64, MessageError> {
    field(of, name)?.as_u64().ok_or(MessageError::Wrong(name, "a number from 0"))
}

/// A field that may be missing.
fn optional<'a, T>(
    of: &'a Map<String, Value>,
    name: &'static str,
    read: impl Fn(&'a Map<String, Value>, &'static str) -> Result<T, MessageError>,
) -> Result<Option<T>, MessageError> {
    if of.contains_key(name) { read(of, name).map(Some) } else { Ok(None) }
}
