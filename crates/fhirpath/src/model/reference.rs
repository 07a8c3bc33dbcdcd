//! What a reference's text tells about its target.

/// The type that a literal reference names: `Patient` for `Patient/1`,
/// `https://example.org/fhir/Patient/1/_history/2` and `Patient?identifier=1`. None for
/// references within the resource and for those by UUID or OID, which name no type. The name is
/// only shaped like that of a type; whether there is such a type, the caller knows.
pub fn reference_type(reference: &str) -> Option<&str> {
    if let Some((name, _)) = reference.split_once('?') {
        let name = name.rsplit('/').next()?;
        return is_type_shaped(name).then_some(name);
    }
    let mut segments = reference.rsplit('/');
    let (mut id, mut name) = (segments.next()?, segments.next()?);
    if name == "_history" {
        (id, name) = (segments.next()?, segments.next()?);
    }
    let is_reference = !id.is_empty() && is_type_shaped(name) && !reference.starts_with('#');
    is_reference.then_some(name)
}

fn is_type_shaped(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_stands_before_the_id() {
        for reference in [
            "Patient/1",
            "http://example.org/fhir/Patient/1",
            "Patient/1/_history/2",
            "Patient?identifier=urn:x|1",
        ] {
            assert_eq!(reference_type(reference), Some("Patient"), "{reference}");
        }
        for reference in ["#Patient/1", "urn:uuid:1-2", "Patient", "Patient/", "#p", "", "/"] {
            assert_eq!(reference_type(reference), None, "{reference}");
        }
    }
}
