//! AllergyIntolerance.

use super::{PATIENT, us_core};
use crate::chart::{Chart, Visit};
use crate::codes::allergies::Allergen;

impl Chart<'_> {
    pub(crate) fn allergy_intolerance(&mut self, visit: &Visit, allergen: &'static Allergen) {
        let id = self.random.id();
        let patient = self.person.id;
        let severity = self.random.weighted(&[(6, "mild"), (3, "moderate"), (1, "severe")]);
        let criticality = if severity == "severe" { "high" } else { "low" };
        let reaction = self.random.pick(allergen.reactions);
        self.resource(|json| {
            json.head("AllergyIntolerance", &id);
            json.profile(us_core!("allergyintolerance"));
            json.hl7("clinicalStatus", "allergyintolerance-clinical", "active");
            json.hl7("verificationStatus", "allergyintolerance-verification", "confirmed");
            json.string("type", "allergy");
            json.string_items("category", &[allergen.category]);
            json.string("criticality", criticality);
            json.concept("code", &allergen.code);
            json.reference("patient", PATIENT, &patient);
            visit.reference(json);
            json.moment("recordedDate", visit.start);
            json.one("reaction", |json| {
                json.concepts("manifestation", &reaction);
                json.string("severity", severity);
            });
        });
    }
}
