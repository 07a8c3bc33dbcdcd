//! Practitioner, and the Medications that hospitals keep in stock.

use super::us_core;
use crate::codes::medications::Drug;
use crate::id::Id;
use crate::json::JsonWriter;
use crate::shared::{Organization, Practitioner};

/// One Practitioner, with the address of where they work.
pub(crate) fn write_practitioner(
    json: &mut JsonWriter,
    practitioner: &Practitioner,
    organization: &Organization,
) {
    let town = organization.town;
    json.line(|json| {
        json.head("Practitioner", &practitioner.id);
        json.profile(us_core!("practitioner"));
        json.one("identifier", |json| {
            json.string("system", "http://hl7.org/fhir/sid/us-npi");
            json.string("value", &practitioner.npi);
        });
        json.boolean("active", true);
        json.one("name", |json| {
            json.string("family", practitioner.family);
            json.string_items("given", &[practitioner.given]);
            json.string_items("prefix", &["Dr."]);
        });
        json.one("telecom", |json| {
            json.string("system", "email");
            json.strings("value", &[practitioner.npi.as_str(), "@example.org"]);
            json.string("use", "work");
        });
        json.one("address", |json| {
            json.string("city", town.name);
            json.string("state", town.state);
            json.string("country", "US");
        });
        json.string("gender", practitioner.gender);
    });
}

/// One Medication.
pub(crate) fn write_medication(json: &mut JsonWriter, id: &Id, drug: &Drug) {
    json.line(|json| {
        json.head("Medication", id);
        json.profile(us_core!("medication"));
        json.concept("code", &drug.code);
        json.string("status", "active");
    });
}
