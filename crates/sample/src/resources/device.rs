//! Device: what stays in or with a patient.

use super::{ORGANIZATION, PATIENT};
use crate::chart::{Chart, Visit};
use crate::codes::Code;

impl Chart<'_> {
    pub(crate) fn device(&mut self, visit: &Visit, what: &Code) {
        let id = self.random.id();
        let patient = self.person.id;
        let serial = self.random.range(10_000_000, 99_999_999).to_string();
        let lot = self.random.range(1000, 9999).to_string();
        let made = visit.date().plus_days(-self.random.range(20, 400));
        self.resource(|json| {
            json.head("Device", &id);
            json.string("status", "active");
            json.string("distinctIdentifier", &serial);
            json.moment("manufactureDate", crate::date::Moment::new(made, 0, 5));
            json.strings("lotNumber", &["L", &lot]);
            json.string("serialNumber", &serial);
            json.one("deviceName", |json| {
                json.string("name", what.display);
                json.string("type", "user-friendly-name");
            });
            json.concept("type", what);
            json.reference("patient", PATIENT, &patient);
            json.reference("owner", ORGANIZATION, &visit.organization.id);
        });
    }
}
