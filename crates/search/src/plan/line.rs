use super::path::Step;
use cresset_fhir::definitions::{Definitions, ElementDefinition, TypeId};

/// A path followed through the definitions, each choice taken one way: JSON properties from a type
/// to the values.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) hops: Vec<Hop>,
    /// The type at the end.
    pub(crate) type_id: TypeId,
    /// The element at the end; `None` for the start itself.
    pub(crate) element: Option<&'static ElementDefinition>,
    /// What an object on the way must be.
    pub(crate) guard: Option<Guard>,
    /// Whether a resource has at most one value there.
    pub(crate) is_single: bool,
}

/// One JSON property on a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hop {
    /// Its place in its parent type's properties.
    pub(crate) property: usize,
    pub(crate) name: &'static str,
}

/// `where(name = 'value')`.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    /// How many hops lead to the object.
    pub(crate) depth: usize,
    pub(crate) name: String,
    pub(crate) value: String,
}

/// The lines of a path from a type; none when the definitions don't know an element of it.
pub(crate) fn lines(definitions: &'static Definitions, from: TypeId, steps: &[Step]) -> Vec<Line> {
    let mut lines =
        vec![Line { hops: Vec::new(), type_id: from, element: None, guard: None, is_single: true }];
    for step in steps {
        lines = match step {
            Step::Member(name) => {
                let further = lines.iter().flat_map(|line| line.members(definitions, name));
                further.collect()
            }
            Step::Type(name) => {
                let wanted = definitions.type_named(name);
                let is_wanted =
                    |line: &Line| wanted.is_some_and(|t| definitions.is_a(line.type_id, t));
                lines.into_iter().filter(is_wanted).collect()
            }
            Step::Where(name, value) => lines.into_iter().map(|l| l.guarded(name, value)).collect(),
        };
    }
    lines
}

impl Line {
    /// The lines that go on with an element: one for each of its types.
    fn members(&self, definitions: &'static Definitions, name: &str) -> Vec<Self> {
        let definition = &definitions[self.type_id];
        let Some(at) = definition.elements.iter().position(|e| e.name == name) else {
            return Vec::new();
        };
        let properties = definition.properties().iter().enumerate();
        let properties = properties.filter(|(_, p)| usize::from(p.element) == at);
        let line = |(property, p): (usize, &'static cresset_fhir::definitions::Property)| {
            let mut hops = self.hops.clone();
            hops.push(Hop { property, name: &p.name });
            Self {
                hops,
                type_id: p.type_id,
                element: Some(&definition.elements[at]),
                guard: self.guard.clone(),
                is_single: self.is_single && !definition.elements[at].is_array,
            }
        };
        properties.map(line).collect()
    }

    fn guarded(mut self, name: &str, value: &str) -> Self {
        self.guard =
            Some(Guard { depth: self.hops.len(), name: name.to_owned(), value: value.to_owned() });
        self
    }
}
