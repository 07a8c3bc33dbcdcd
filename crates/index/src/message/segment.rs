//! Index values as JSON.

use super::json::push_text;
use super::{MessageError, resource};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cresset_store::{IndexKey, Parameter, Segment};
use serde_json::Value;

/// What of a parameter's name says in which array its values stand: what follows the last `:`.
pub(super) fn kind(parameter: &str) -> &str {
    parameter.rsplit_once(':').map_or("", |(_, kind)| kind)
}

/// The array of a message's `data` for such values: `tokenValues` for `token` and `dateEndValues` for
/// `date-end`.
pub(super) fn array(kind: &str) -> String {
    let mut words =
        kind.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut array = words.next().unwrap_or("other").to_owned();
    for word in words {
        let (first, rest) = word.split_at(1);
        array.push_str(&first.to_ascii_uppercase());
        array.push_str(rest);
    }
    array + ARRAY
}

/// How the names of these arrays end.
pub(super) const ARRAY: &str = "Values";

/// Writes a key as an entry of such an array.
pub(super) fn write(to: &mut String, key: &IndexKey) {
    to.push_str("{\"parameter\":");
    push_text(to, key.parameter.name());
    to.push_str(",\"value\":[");
    for (n, segment) in key.value.iter().enumerate() {
        to.push_str(if n == 0 { "{" } else { ",{" });
        match segment {
            Segment::Text(text) => field(to, "\"text\":", text),
            Segment::Ordered(bytes) => {
                to.push_str("\"ordered\":\"");
                STANDARD.encode_string(bytes, to);
                to.push('"');
            }
            Segment::Term(text) => field(to, "\"term\":", text),
            Segment::Resource(key) => field(to, "\"resource\":", &resource::write(key)),
        }
        to.push('}');
    }
    to.push_str("]}");
}

fn field(to: &mut String, name: &str, text: &str) {
    to.push_str(name);
    push_text(to, text);
}

/// Reads an entry back.
pub(super) fn read(entry: &Value) -> Result<IndexKey, MessageError> {
    let parameter = entry.get("parameter").ok_or(MessageError::Missing("parameter"))?;
    let parameter = parameter.as_str().ok_or(MessageError::Wrong("parameter", "a text"))?;
    let value = entry.get("value").ok_or(MessageError::Missing("value"))?;
    let value = value.as_array().ok_or(MessageError::Wrong("value", "an array of segments"))?;
    let value = value.iter().map(read_segment).collect::<Result<_, _>>()?;
    Ok(IndexKey { parameter: Parameter::new(parameter), value })
}

fn read_segment(segment: &Value) -> Result<Segment, MessageError> {
    const EXPECTED: MessageError =
        MessageError::Wrong("value", "segments of one text, ordered, term, or resource each");
    let fields = segment.as_object().ok_or(EXPECTED)?;
    let mut known = fields.iter().filter_map(|(name, value)| known(name, value.as_str()?));
    match (known.next(), known.next()) {
        (Some(only), None) => only,
        _ => Err(EXPECTED),
    }
}

/// The segment that a field gives, if it is one that gives any.
fn known(name: &str, text: &str) -> Option<Result<Segment, MessageError>> {
    const BASE64: MessageError = MessageError::Wrong("ordered", "base64");
    Some(match name {
        "text" => Ok(Segment::Text(text.into())),
        "ordered" => STANDARD.decode(text).map(Segment::Ordered).map_err(|_| BASE64),
        "term" => Ok(Segment::Term(text.into())),
        "resource" => resource::read(text, "resource").map(Segment::Resource),
        _ => return None,
    })
}
