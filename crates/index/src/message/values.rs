//! All values of a message.

use super::hash::Hash;
use super::json::push_text;
use super::segment;
use cresset_store::IndexKeys;

/// An array that is being written.
struct Array {
    /// What the names of its first parameter, and so of most, end with.
    kind: String,
    name: String,
    text: String,
}

/// The fields that hold them, an array for each type, and what tells whether all of them came through.
pub(super) fn write(keys: &IndexKeys) -> (String, String) {
    let (mut arrays, mut hash) = (Vec::new(), Hash::default());
    for key in keys.iter() {
        hash.add(&key);
        let kind = segment::kind(key.parameter.name());
        let array = &mut of_kind(&mut arrays, kind).text;
        array.push(if array.is_empty() { '[' } else { ',' });
        segment::write(array, &key);
    }
    let mut fields = String::with_capacity(arrays.iter().map(|a| a.text.len() + 32).sum());
    for array in arrays {
        if !fields.is_empty() {
            fields.push(',');
        }
        push_text(&mut fields, &array.name);
        fields.push(':');
        fields.push_str(&array.text);
        fields.push(']');
    }
    (fields, hash.finish())
}

fn of_kind<'a>(arrays: &'a mut Vec<Array>, kind: &str) -> &'a mut Array {
    let at = arrays.iter().position(|array| array.kind == kind).unwrap_or_else(|| {
        let name = segment::array(kind);
        arrays.iter().position(|array| array.name == name).unwrap_or_else(|| {
            arrays.push(Array { kind: kind.to_owned(), name, text: String::with_capacity(1024) });
            arrays.len() - 1
        })
    });
    &mut arrays[at]
}
