//! Immunization.

use super::{PATIENT, us_core};
use crate::chart::{Chart, Item, Visit};
use crate::codes::Code;

/// What every dose costs here.
const CENTS: i64 = 14_052;

impl Chart<'_> {
    pub(crate) fn immunization(&mut self, visit: &mut Visit, vaccine: &Code) {
        let id = self.random.id();
        let patient = self.person.id;
        let lot = self.random.range(10_000, 99_999).to_string();
        let expires = visit.date().plus_months(self.random.range(3, 14));
        let site = self.random.pick(&[("LA", "left arm"), ("RA", "right arm")]);
        self.resource(|json| {
            json.head("Immunization", &id);
            json.profile(us_core!("immunization"));
            json.string("status", "completed");
            json.concept("vaccineCode", vaccine);
            json.reference("patient", PATIENT, &patient);
            visit.reference(json);
            json.moment("occurrenceDateTime", visit.now());
            json.boolean("primarySource", true);
            let location = &visit.organization.location;
            json.named_reference("location", "Location/", location, &visit.organization.name);
            json.strings("lotNumber", &["CR", &lot]);
            json.date("expirationDate", expires);
            json.object("site", |json| {
                json.one("coding", |json| {
                    json.string("system", "http://terminology.hl7.org/CodeSystem/v3-ActSite");
                    json.string("code", site.0);
                    json.string("display", site.1);
                });
            });
            json.hl7("route", "v3-RouteOfAdministration", "IM");
        });
        visit.pass(1);
        visit.items.push(Item { code: *vaccine, cents: CENTS, procedure: None });
    }
}
