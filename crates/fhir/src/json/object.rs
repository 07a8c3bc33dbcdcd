use super::Json;
use compact_str::CompactString;

/// A JSON object in the order of its properties. Names are unique.
///
/// FHIR objects are small (a dozen properties), so a linear search beats a map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    members: Vec<(CompactString, Json)>,
}

impl Object {
    /// An object without properties.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of property `name`.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.members.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// The value of property `name`, for changing it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Json> {
        self.members.iter_mut().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// Sets `name` where it stands, or appends it.
    pub fn insert(&mut self, name: &str, value: impl Into<Json>) {
        match self.get_mut(name) {
            Some(slot) => *slot = value.into(),
            None => self.members.push((name.into(), value.into())),
        }
    }

    /// Sets `name` where it stands, or puts it at place `index` (or the end, if that is nearer).
    pub fn insert_at(&mut self, index: usize, name: &str, value: impl Into<Json>) {
        match self.get_mut(name) {
            Some(slot) => *slot = value.into(),
            None => {
                let index = index.min(self.members.len());
                self.members.insert(index, (name.into(), value.into()));
            }
        }
    }

    /// `insert`, for building an object in one expression.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.insert(name, value);
        self
    }

    /// Takes the property out.
    pub fn remove(&mut self, name: &str) -> Option<Json> {
        let at = self.position(name)?;
        Some(self.members.remove(at).1)
    }

    /// The place of property `name` among the properties.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.members.iter().position(|(n, _)| n == name)
    }

    /// Properties in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Json)> {
        self.members.iter().map(|(n, v)| (n.as_str(), v))
    }

    /// Properties in order, for changing their values.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&str, &mut Json)> {
        self.members.iter_mut().map(|(n, v)| (n.as_str(), v))
    }

    /// Keeps only the properties that `keep` approves of.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut Json) -> bool) {
        self.members.retain_mut(|(n, v)| keep(n, v));
    }

    /// The number of properties.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// True without properties.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Appends without looking for a twin: the parser has already refused those.
    pub(super) fn push_unique(&mut self, name: CompactString, value: Json) {
        self.members.push((name, value));
    }
}

impl<'a> FromIterator<(&'a str, Json)> for Object {
    fn from_iter<I: IntoIterator<Item = (&'a str, Json)>>(properties: I) -> Self {
        let mut object = Self::new();
        for (name, value) in properties {
            object.insert(name, value);
        }
        object
    }
}
