//! Procedure.

use super::{CONDITION, PATIENT, PRACTITIONER, us_core};
use crate::chart::{Chart, Item, Visit};
use crate::codes::procedures::Service;

impl Chart<'_> {
    /// Something that is done in a visit; it takes its time and it is billed.
    pub(crate) fn procedure(&mut self, visit: &mut Visit, service: &'static Service) {
        let id = self.random.id();
        let patient = self.person.id;
        let start = visit.now();
        visit.pass(service.minutes);
        let end = visit.now();
        let reason = visit.diagnoses.first().copied();
        self.resource(|json| {
            json.head("Procedure", &id);
            json.profile(us_core!("procedure"));
            json.string("status", "completed");
            json.concept("code", &service.code);
            json.reference("subject", PATIENT, &patient);
            visit.reference(json);
            json.period("performedPeriod", start, Some(end));
            json.one("performer", |json| {
                let practitioner = visit.practitioner;
                let name = &practitioner.display;
                json.named_reference("actor", PRACTITIONER, &practitioner.id, name);
            });
            let location = &visit.organization.location;
            json.named_reference("location", "Location/", location, &visit.organization.name);
            if let Some(reason) = reason {
                json.one("reasonReference", |json| {
                    json.id("reference", CONDITION, &reason.condition);
                    json.string("display", reason.code.display);
                });
            }
        });
        visit.procedures.push((id, start));
        visit.items.push(Item {
            code: service.code,
            cents: service.cents,
            procedure: Some(visit.procedures.len() as i32),
        });
    }
}
