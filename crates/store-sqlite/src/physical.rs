//! Ids as column values.

use cresset_store::ResourceId;

/// An id as a column value: 16 bytes for a lower-case UUID, else its text.
pub(crate) fn id_value(id: &ResourceId) -> rusqlite::types::Value {
    match uuid_bytes(id.as_str()) {
        Some(bytes) => rusqlite::types::Value::Blob(bytes.to_vec()),
        None => rusqlite::types::Value::Text(id.as_str().to_owned()),
    }
}

/// Reads what [`id_value`] made.
pub(crate) fn read_id(value: rusqlite::types::ValueRef<'_>) -> Option<ResourceId> {
    match value {
        rusqlite::types::ValueRef::Text(text) => {
            ResourceId::new(std::str::from_utf8(text).ok()?).ok()
        }
        rusqlite::types::ValueRef::Blob(bytes) => {
            ResourceId::new(&uuid_text(bytes.try_into().ok()?)).ok()
        }
        _ => None,
    }
}

fn uuid_bytes(text: &str) -> Option<[u8; 16]> {
    let text = text.as_bytes();
    if text.len() != 36 {
        return None;
    }
    let mut bytes = [0; 16];
    let mut nibbles = 0;
    for (at, character) in text.iter().enumerate() {
        if matches!(at, 8 | 13 | 18 | 23) {
            if *character != b'-' {
                return None;
            }
            continue;
        }
        let nibble = match character {
            b'0'..=b'9' => character - b'0',
            b'a'..=b'f' => character - b'a' + 10,
            _ => return None,
        };
        bytes[nibbles / 2] |= nibble << (4 * (1 - nibbles % 2));
        nibbles += 1;
    }
    Some(bytes)
}

fn uuid_text(bytes: [u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for nibble in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_case_uuids_take_sixteen_bytes_and_other_ids_stay_text() {
        let uuid = "082fd114-0415-4ce4-8293-0caebb0fe9de";
        assert_eq!(uuid_text(uuid_bytes(uuid).unwrap()), uuid);
        assert!(uuid_bytes(&uuid.to_uppercase()).is_none());
        assert!(uuid_bytes("082fd11-40415-4ce4-8293-0caebb0fe9de").is_none());
    }
}
