use crate::failure::{ErrorKind, Failure};
use crate::service::Service;
use cresset_store::Key;
use std::collections::{HashMap, HashSet};

/// What the entries of a transaction are called, and what they are called from now on.
#[derive(Debug, Default)]
pub(super) struct Identities {
    /// Full URLs and conditional references, to `Type/id`.
    pub(super) names: HashMap<String, String>,
    /// Resources that the transaction writes.
    claimed: HashSet<Key>,
}

impl Identities {
    /// Notes that an entry writes this resource.
    ///
    /// # Errors
    /// When another does already (R4, section 3.1.0.11.2).
    pub(super) fn claim(&mut self, service: &Service, key: &Key) -> Result<(), Failure> {
        if self.claimed.insert(key.clone()) {
            return Ok(());
        }
        let name = service.type_name(key);
        let problem = format!("another entry of the transaction writes {name}/{} too", key.id);
        Err(Failure::new(ErrorKind::BadRequest, "duplicate", problem))
    }

    /// Notes what a full URL stands for.
    ///
    /// # Errors
    /// When it stands for another resource already.
    pub(super) fn name(
        &mut self,
        full_url: Option<&str>,
        type_name: &str,
        key: &Key,
    ) -> Result<(), Failure> {
        let Some(full_url) = full_url else {
            return Ok(());
        };
        let reference = format!("{type_name}/{}", key.id);
        if let Some(other) = self.names.get(full_url)
            && *other != reference
        {
            let problem = "the 'fullUrl' is that of another entry too";
            return Err(Failure::bad_request("duplicate", problem));
        }
        // `http://x/fhir/Patient/1` is also what `Patient/1` means inside this Bundle
        // (R4 bundle, section 2.36.4.1).
        if let Some(relative) = relative(full_url, type_name)
            && relative != reference
        {
            self.names.insert(relative.to_owned(), reference.clone());
        }
        if full_url != reference {
            self.names.insert(full_url.to_owned(), reference);
        }
        Ok(())
    }
}

/// The end of an HTTP URL that has the form of a resource's: `Patient/1`.
fn relative<'a>(full_url: &'a str, type_name: &str) -> Option<&'a str> {
    if !full_url.starts_with("http") {
        return None;
    }
    let (before, id) = full_url.rsplit_once('/')?;
    let start = before.strip_suffix(type_name)?;
    (start.ends_with('/') && !id.is_empty()).then(|| &full_url[start.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_resources_have_a_relative_form() {
        assert_eq!(relative("http://x/fhir/Patient/1", "Patient"), Some("Patient/1"));
        assert_eq!(relative("http://x/fhir/Patient/1", "Group"), None);
        assert_eq!(relative("urn:uuid:1", "Patient"), None);
    }
}
