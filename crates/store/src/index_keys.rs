use crate::payload::{read_varint, write_varint};
use crate::{IndexKey, Key, Parameter, ResourceId, Segment, TypeNumber};
use compact_str::CompactString;

/// Everything that a resource is found by: a pure function of the resource and the registry.
///
/// Sorted, each key once, and packed: tens of thousands of resources wait for one commit of an
/// import, and each has a dozen keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexKeys {
    parameters: Box<[Parameter]>,
    /// The values of one key after another: a count of segments, and for each its kind, its length
    /// and its bytes.
    values: Box<[u8]>,
}

impl IndexKeys {
    /// Packs keys.
    pub fn new(mut keys: Vec<IndexKey>) -> Self {
        keys.sort_unstable();
        keys.dedup();
        let mut values = Vec::with_capacity(keys.len() * 24);
        for key in &keys {
            write_varint(key.value.len() as u64, &mut values);
            for segment in &key.value {
                pack(segment, &mut values);
            }
        }
        let parameters = keys.into_iter().map(|key| key.parameter).collect();
        Self { parameters, values: values.into() }
    }

    /// The keys, in order.
    pub fn iter(&self) -> impl Iterator<Item = IndexKey> {
        let mut rest = &self.values[..];
        self.parameters.iter().map(move |parameter| {
            let value = unpack_value(&mut rest);
            IndexKey { parameter: parameter.clone(), value: value.expect("packed by `new`") }
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.parameters.len()
    }

    /// True when the resource is found by its type and id only.
    pub fn is_empty(&self) -> bool {
        self.parameters.is_empty()
    }

    /// Bytes of memory that they take.
    pub fn size(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.parameters) + self.values.len()
    }
}

fn pack(segment: &Segment, out: &mut Vec<u8>) {
    let (kind, bytes) = match segment {
        Segment::Text(text) => (0, text.as_bytes()),
        Segment::Ordered(bytes) => (1, bytes.as_slice()),
        Segment::Term(text) => (2, text.as_bytes()),
        Segment::Resource(key) => (3, key.id.as_str().as_bytes()),
    };
    out.push(kind);
    if let Segment::Resource(key) = segment {
        write_varint(u64::from(key.resource_type.0), out);
    }
    write_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

fn unpack_value(rest: &mut &[u8]) -> Option<Vec<Segment>> {
    let count = take_number(rest)?;
    (0..count).map(|_| unpack(rest)).collect()
}

fn unpack(rest: &mut &[u8]) -> Option<Segment> {
    let (kind, after) = rest.split_first()?;
    *rest = after;
    let of = if *kind == 3 { u16::try_from(take_number(rest)?).ok()? } else { 0 };
    let length = usize::try_from(take_number(rest)?).ok()?;
    let (bytes, after) = rest.split_at_checked(length)?;
    *rest = after;
    let text = || CompactString::from_utf8(bytes).ok();
    Some(match kind {
        0 => Segment::Text(text()?),
        1 => Segment::Ordered(bytes.to_vec()),
        2 => Segment::Term(text()?),
        3 => Segment::Resource(Key::new(TypeNumber(of), ResourceId::new(&text()?).ok()?)),
        _ => return None,
    })
}

fn take_number(rest: &mut &[u8]) -> Option<u64> {
    let (number, after) = read_varint(rest)?;
    *rest = after;
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_sorted_and_each_once() {
        let key = |name: &str, value| IndexKey { parameter: Parameter::new(name), value };
        let reference = Key::new(TypeNumber(300), ResourceId::new("x-1.y").unwrap());
        let keys = vec![
            key(
                "b",
                vec![Segment::Term("http://loinc.org".into()), Segment::Text("8302-2".into())],
            ),
            key("a", vec![Segment::Ordered(vec![0, 255, 7])]),
            key("c", vec![Segment::Resource(reference)]),
            key("a", Vec::new()),
            key("a", vec![Segment::Ordered(vec![0, 255, 7])]),
            key("d", vec![Segment::Text("é".repeat(300).into()), Segment::Text("".into())]),
        ];
        let packed = IndexKeys::new(keys.clone());
        let mut sorted = keys;
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(packed.len(), 5);
        assert_eq!(packed.iter().collect::<Vec<_>>(), sorted);
    }
}
