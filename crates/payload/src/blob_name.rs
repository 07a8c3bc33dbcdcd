use cresset_store::{Key, Offloaded, ResourceId, Stored, TypeNumber, Version};
use std::fmt;
use uuid::Uuid;

/// The part of a container that holds one collection's bodies: the default collection has the top of it, where
/// names begin with a number; others have a folder of their own, which no number is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Prefix(String);

impl Prefix {
    /// That of the collection whose bodies lie at the top.
    pub fn top() -> Self {
        Self(String::new())
    }

    /// That of another collection; `name` holds letters, digits, `_` and `-`. One that doesn't begin with a
    /// letter gets a `_` before it.
    pub fn of(name: &str, generation: u32) -> Self {
        let mark = if name.starts_with(|c: char| c.is_ascii_alphabetic()) { "" } else { "_" };
        match generation {
            0 => Self(format!("{mark}{name}/")),
            // No name has a dot.
            _ => Self(format!("{mark}{name}.{generation}/")),
        }
    }

    /// What the names of all bodies in it begin with, and nothing in another part does.
    pub fn parts(&self) -> impl ExactSizeIterator<Item = String> + '_ {
        ('1'..='9').collect::<Vec<_>>().into_iter().map(|digit| format!("{}{digit}", self.0))
    }

    /// The names of all bodies of this type begin so.
    pub fn of_type(&self, resource_type: TypeNumber) -> String {
        format!("{}{}/", self.0, resource_type.0)
    }

    /// The names of all bodies of this resource begin so.
    pub fn of_resource(&self, key: &Key) -> String {
        format!("{}{}/", self.of_type(key.resource_type), escaped(key.id.as_str()))
    }

    /// The name of a blob in this part of the container; `None` for one of another part.
    pub fn name<'n>(&self, whole: &'n str) -> Option<&'n str> {
        whole.strip_prefix(self.0.as_str())
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a body in its collection's part of a container (golden file `tests/golden/blob_names.txt`):
/// `{resourceTypeId}/{logicalId with '.' as '*'}/{version}/{payloadKey}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BlobName {
    /// Whose body.
    pub key: Key,
    /// Which version's.
    pub version: Version,
    /// Which attempt's to write that version.
    pub payload_key: Uuid,
}

/// A text that is no [`BlobName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a body's name is resourceTypeId/logicalId/version/payloadKey, with '*' for each '.' of the id"
)]
pub struct NameError;

impl BlobName {
    /// The name of the body that a version's row tells of.
    pub(crate) fn of(stored: &Stored, elsewhere: &Offloaded) -> Self {
        let payload_key = Uuid::from_bytes(elsewhere.key);
        Self { key: stored.key.clone(), version: elsewhere.version, payload_key }
    }

    /// Reads a name, without its collection's prefix.
    ///
    /// # Errors
    /// [`NameError`] for any text that this doesn't write.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let parts: Vec<&str> = text.split('/').collect();
        let [number, id, version, payload_key] = parts[..] else { return Err(NameError) };
        let number = number.parse().map_err(|_| NameError)?;
        let id = ResourceId::new(&unescaped(id)?).map_err(|_| NameError)?;
        let name = Self {
            key: Key::new(TypeNumber(number), id),
            version: Version::parse(version).ok_or(NameError)?,
            payload_key: Uuid::parse_str(payload_key).map_err(|_| NameError)?,
        };
        if name.to_string() == text { Ok(name) } else { Err(NameError) }
    }
}

impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, version, payload_key } = self;
        let id = escaped(key.id.as_str());
        write!(f, "{}/{id}/{version}/{payload_key}", key.resource_type.0)
    }
}

/// A segment of dots alone means something else to a file system.
fn escaped(id: &str) -> String {
    id.replace('.', "*")
}

fn unescaped(segment: &str) -> Result<String, NameError> {
    if segment.contains('.') { Err(NameError) } else { Ok(segment.replace('*', ".")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Each line: collection or `-`, generation, type, id, version, key, and the name.
    #[test]
    fn the_durable_form_is_the_golden_one() {
        let golden = include_str!("../tests/golden/blob_names.txt");
        let lines: Vec<&str> = golden.lines().filter(|line| !line.starts_with('#')).collect();
        for line in &lines {
            let [collection, generation, number, id, version, key, whole] =
                line.split(' ').collect::<Vec<_>>()[..]
            else {
                panic!("seven fields: {line}");
            };
            let prefix = match collection {
                "-" => Prefix::top(),
                name => Prefix::of(name, generation.parse().unwrap()),
            };
            let resource_type = TypeNumber(number.parse().unwrap());
            let name = BlobName {
                key: Key::new(resource_type, ResourceId::new(id).unwrap()),
                version: Version::parse(version).unwrap(),
                payload_key: Uuid::parse_str(key).unwrap(),
            };
            assert_eq!(format!("{prefix}{name}"), whole, "written as ever");
            let found = BlobName::parse(prefix.name(whole).unwrap());
            assert_eq!(found, Ok(name.clone()), "read as ever");
            assert_eq!(prefix.parts().filter(|part| whole.starts_with(part)).count(), 1);
            assert!(whole.starts_with(&prefix.of_type(resource_type)));
            assert!(whole.starts_with(&prefix.of_resource(&name.key)));
        }
        assert_eq!(lines.len(), 6, "no line of the golden file is lost");
    }

    #[test]
    fn other_texts_are_no_names() {
        let key = "6c1f0e0e-3d7b-4f5e-9a5d-0123456789ab";
        for text in [
            String::new(),
            format!("97/a/1/{key}/"),
            format!("097/a/1/{key}"),
            format!("97/a.b/1/{key}"),
            format!("97/a/01/{key}"),
            format!("97/a/0/{key}"),
            format!("view/97/a/1/{key}"),
            format!("97//1/{key}"),
            format!("97/a/1/{}", key.to_uppercase()),
            format!("97/a/1/{}", key.replace('-', "")),
        ] {
            assert_eq!(BlobName::parse(&text), Err(NameError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_name_comes_back(number: u16, id in "[A-Za-z0-9.-]{1,64}", version in 1u64..u64::MAX / 2, key: u128) {
            let name = BlobName {
                key: Key::new(TypeNumber(number), ResourceId::new(&id).unwrap()),
                version: Version::new(version).unwrap(),
                payload_key: Uuid::from_u128(key),
            };
            prop_assert_eq!(BlobName::parse(&name.to_string()), Ok(name));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in ".{0,80}") {
            let _ = BlobName::parse(&text);
        }
    }
}
