use std::fmt::Write;

/// A place in a resource: a list of parents on the Rust stack, rendered only for an issue.
#[derive(Clone, Copy)]
pub(super) struct Step<'s> {
    parent: Option<&'s Step<'s>>,
    name: &'s str,
    index: Option<usize>,
    /// Elements above this one.
    pub(super) depth: usize,
}

impl<'s> Step<'s> {
    pub(super) fn root(name: &'s str) -> Self {
        Self { parent: None, name, index: None, depth: 0 }
    }

    pub(super) fn child(&'s self, name: &'s str) -> Self {
        Self { parent: Some(self), name, index: None, depth: self.depth + 1 }
    }

    pub(super) fn item(&'s self, name: &'s str, index: usize) -> Self {
        Self { index: Some(index), ..self.child(name) }
    }

    /// The place of a property that no definition names, or its parent where FHIRPath has no form
    /// for such a name.
    pub(super) fn unknown_child(&'s self, name: &'s str) -> Self {
        let is_identifier = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.len() <= 64;
        if is_identifier { self.child(name) } else { *self }
    }

    pub(super) fn root_name(&self) -> &'s str {
        let mut at = self;
        while let Some(parent) = at.parent {
            at = parent;
        }
        at.name
    }

    /// The place in FHIRPath.
    pub(super) fn expression(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        if let Some(parent) = self.parent {
            parent.write(out);
            out.push('.');
        }
        out.push_str(self.name);
        if let Some(index) = self.index {
            write!(out, "[{index}]").expect("a String takes all text");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Step;

    #[test]
    fn places_are_fhirpath() {
        let patient = Step::root("Patient");
        let name = patient.item("name", 0);
        assert_eq!(name.item("given", 1).expression(), "Patient.name[0].given[1]");
        assert_eq!(name.unknown_child("sur name").expression(), "Patient.name[0]");
        assert_eq!(name.unknown_child("last").expression(), "Patient.name[0].last");
        assert_eq!(name.child("family").root_name(), "Patient");
    }
}
