//! Claim: one for every visit, and one for every prescription.

use super::{CONDITION, ENCOUNTER, ORGANIZATION, PATIENT};
use crate::chart::{Chart, Class, Visit};
use crate::codes::medications::Drug;
use crate::codes::procedures::visits::DISPENSING;
use crate::id::Id;
use crate::json::JsonWriter;
use crate::shared::Organization;

impl Chart<'_> {
    /// Closes a visit: the claim for it and the payer's answer.
    pub(crate) fn bill(&mut self, visit: Visit) {
        let id = self.random.id();
        let person = self.person;
        let payer = self.payer(visit.date());
        self.resource(|json| {
            json.head("Claim", &id);
            json.string("status", "active");
            json.hl7("type", "claim-type", claim_type(&visit));
            json.string("use", "claim");
            json.named_reference("patient", PATIENT, &person.id, &person.display);
            parties(json, &visit, payer);
            diagnoses(json, &visit);
            procedures(json, &visit);
            insurance(json, payer);
            items(json, &visit);
            json.money("total", visit.items.iter().map(|item| item.cents).sum());
        });
        self.explanation_of_benefit(&visit, &id, payer);
    }

    pub(crate) fn pharmacy_claim(&mut self, visit: &Visit, request: &Id, drug: &'static Drug) {
        let id = self.random.id();
        let person = self.person;
        let payer = self.payer(visit.date());
        self.resource(|json| {
            json.head("Claim", &id);
            json.string("status", "active");
            json.hl7("type", "claim-type", "pharmacy");
            json.string("use", "claim");
            json.named_reference("patient", PATIENT, &person.id, &person.display);
            parties(json, visit, payer);
            json.reference("prescription", "MedicationRequest/", request);
            insurance(json, payer);
            json.array("item", |json| {
                for (number, (code, cents)) in
                    [(1, (&drug.code, drug.cents)), (2, (&DISPENSING, 499))]
                {
                    json.item(|json| {
                        json.number("sequence", number.into());
                        json.concept("productOrService", code);
                        json.money("unitPrice", cents);
                        json.money("net", cents);
                        if number == 1 {
                            json.references("encounter", ENCOUNTER, &visit.id);
                        }
                    });
                }
            });
            json.money("total", drug.cents + 499);
        });
    }
}

pub(super) fn claim_type(visit: &Visit) -> &'static str {
    match visit.class {
        Class::Inpatient | Class::Emergency => "institutional",
        Class::Ambulatory | Class::Virtual => "professional",
    }
}

fn parties(json: &mut JsonWriter, visit: &Visit, payer: &Organization) {
    json.period("billablePeriod", visit.start, Some(visit.end));
    json.moment("created", visit.end);
    json.named_reference("insurer", ORGANIZATION, &payer.id, &payer.name);
    let organization = visit.organization;
    json.named_reference("provider", ORGANIZATION, &organization.id, &organization.name);
    json.hl7("priority", "processpriority", "normal");
}

pub(super) fn diagnoses(json: &mut JsonWriter, visit: &Visit) {
    if visit.diagnoses.is_empty() {
        return;
    }
    json.array("diagnosis", |json| {
        for (number, diagnosis) in (1..).zip(&visit.diagnoses) {
            json.item(|json| {
                json.number("sequence", number.into());
                json.reference("diagnosisReference", CONDITION, &diagnosis.condition);
                if number == 1 {
                    json.hl7s("type", "ex-diagnosistype", "principal");
                }
            });
        }
    });
}

fn procedures(json: &mut JsonWriter, visit: &Visit) {
    if visit.procedures.is_empty() {
        return;
    }
    json.array("procedure", |json| {
        for (number, (procedure, when)) in (1..).zip(&visit.procedures) {
            json.item(|json| {
                json.number("sequence", number.into());
                json.moment("date", *when);
                json.reference("procedureReference", "Procedure/", procedure);
            });
        }
    });
}

/// The coverage is known by the payer's name only; the answer holds it as a resource.
fn insurance(json: &mut JsonWriter, payer: &Organization) {
    json.one("insurance", |json| {
        json.number("sequence", 1.into());
        json.boolean("focal", true);
        json.object("coverage", |json| json.string("display", &payer.name));
    });
}

fn items(json: &mut JsonWriter, visit: &Visit) {
    json.array("item", |json| {
        for (number, item) in (1..).zip(&visit.items) {
            json.item(|json| {
                json.number("sequence", number.into());
                if let Some(procedure) = item.procedure {
                    json.number_item("procedureSequence", procedure);
                }
                json.concept("productOrService", &item.code);
                json.money("net", item.cents);
                if number == 1 {
                    json.references("encounter", ENCOUNTER, &visit.id);
                }
            });
        }
    });
}
