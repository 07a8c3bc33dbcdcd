//! What is asked about patients.

use serde_json::Value;

/// The identifier system of patients that a benchmark made itself. They are never asked
/// about, so that a benchmark repeated on the same store asks the same things.
pub(crate) const BENCH_SYSTEM: &str = "urn:cresset:bench";

/// A patient that the server holds. The order is by content first, by id last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Patient {
    pub(crate) birth_date: String,
    pub(crate) family: String,
    pub(crate) given: String,
    pub(crate) identifier: String,
    pub(crate) id: String,
}

impl Patient {
    /// Takes what is needed of a Patient resource; nothing when it lacks any of it.
    pub(crate) fn read(resource: &Value) -> Option<Self> {
        let text = |path: &str| Some(resource.pointer(path)?.as_str()?.to_owned());
        if text("/identifier/0/system").as_deref() == Some(BENCH_SYSTEM) {
            return None;
        }
        Some(Self {
            birth_date: text("/birthDate")?,
            family: text("/name/0/family")?,
            given: text("/name/0/given/0")?,
            identifier: text("/identifier/0/value").unwrap_or_default(),
            id: text("/id")?,
        })
    }

    pub(crate) fn reference(&self) -> String {
        format!("Patient/{}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn leaves_out_its_own() {
        let mut resource = json!({
            "id": "1", "birthDate": "1980-01-01",
            "name": [{"family": "F", "given": ["G"]}],
            "identifier": [{"system": "urn:x", "value": "7"}]
        });
        assert_eq!(Patient::read(&resource).expect("a patient").reference(), "Patient/1");
        resource["identifier"][0]["system"] = BENCH_SYSTEM.into();
        assert_eq!(Patient::read(&resource), None);
    }
}
