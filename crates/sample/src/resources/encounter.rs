//! Encounter, which opens every visit.

use super::{CONDITION, ENCOUNTER, ORGANIZATION, PATIENT, PRACTITIONER, us_core};
use crate::chart::{Chart, Class, Diagnosis, Item, Visit};
use crate::codes::procedures::Service;
use crate::date::Date;
use crate::id::Id;
use crate::json::JsonWriter;
use crate::shared::Shared;

/// What opens a visit.
pub(crate) struct Occasion {
    pub(crate) kind: &'static Service,
    pub(crate) class: Class,
    pub(crate) date: Date,
    pub(crate) minutes: i32,
    pub(crate) about: Option<Diagnosis>,
}

impl<'a> Chart<'a> {
    /// Writes an Encounter; what happens in it is written next, then it is billed.
    pub(crate) fn open(&mut self, occasion: Occasion) -> Visit<'a> {
        let Occasion { kind, class, date, minutes, about } = occasion;
        let in_hospital = matches!(class, Class::Emergency | Class::Inpatient);
        let (organization, practitioner) = match in_hospital {
            true => {
                let hospital = Shared::hospital(self.person.town);
                (hospital, Shared::clinician(hospital, &mut self.random))
            }
            false => (self.home, self.doctor),
        };
        let start = self.moment(date, if in_hospital { (0, 20) } else { (8, 16) });
        let visit = Visit {
            id: self.random.id(),
            kind,
            class,
            start,
            end: start.plus_minutes(minutes),
            organization: &self.shared.organizations[organization],
            practitioner: &self.shared.practitioners[practitioner],
            diagnoses: about.into_iter().collect(),
            procedures: Vec::new(),
            items: vec![Item { code: kind.code, cents: kind.cents, procedure: None }],
            minutes,
            minute: 5,
        };
        let person = self.person;
        self.resource(|json| write(json, &visit, &person.id, &person.display));
        visit
    }
}

fn write(json: &mut JsonWriter, visit: &Visit, patient: &Id, name: &str) {
    let (class, class_display) = visit.class.code();
    json.head("Encounter", &visit.id);
    json.profile(us_core!("encounter"));
    json.one("identifier", |json| {
        json.string("use", "official");
        json.string("system", "https://cresset.dev/fhir/sample/encounter");
        json.id("value", "", &visit.id);
    });
    json.string("status", "finished");
    json.object("class", |json| {
        json.string("system", "http://terminology.hl7.org/CodeSystem/v3-ActCode");
        json.string("code", class);
        json.string("display", class_display);
    });
    json.concepts("type", &visit.kind.code);
    json.named_reference("subject", PATIENT, patient, name);
    json.one("participant", |json| {
        json.hl7s("type", "v3-ParticipationType", "PPRF");
        json.period("period", visit.start, Some(visit.end));
        let practitioner = visit.practitioner;
        json.named_reference("individual", PRACTITIONER, &practitioner.id, &practitioner.display);
    });
    json.period("period", visit.start, Some(visit.end));
    if let Some(about) = visit.diagnoses.first() {
        json.concepts("reasonCode", &about.code);
        json.one("diagnosis", |json| {
            json.reference("condition", CONDITION, &about.condition);
        });
    }
    if visit.class == Class::Inpatient {
        json.object("hospitalization", |json| {
            json.hl7("admitSource", "admit-source", "emd");
            json.hl7("dischargeDisposition", "discharge-disposition", "home");
        });
    }
    let organization = visit.organization;
    json.one("location", |json| {
        let name = &organization.name;
        json.named_reference("location", "Location/", &organization.location, name);
    });
    json.named_reference("serviceProvider", ORGANIZATION, &organization.id, &organization.name);
}

impl Visit<'_> {
    /// The reference that everything in the visit makes to it.
    pub(crate) fn reference(&self, json: &mut JsonWriter) {
        json.reference("encounter", ENCOUNTER, &self.id);
    }
}
