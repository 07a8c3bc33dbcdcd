//! ExplanationOfBenefit: the payer's answer to the claim of a visit.

use super::claim::{claim_type, diagnoses};
use super::{ENCOUNTER, ORGANIZATION, PATIENT, PRACTITIONER};
use crate::chart::{Chart, Class, Item, Visit};
use crate::id::Id;
use crate::json::JsonWriter;
use crate::person::Person;
use crate::shared::Organization;

impl Chart<'_> {
    pub(super) fn explanation_of_benefit(
        &mut self,
        visit: &Visit,
        claim: &Id,
        payer: &Organization,
    ) {
        let id = self.random.id();
        let person = self.person;
        // Preventive care is paid in full, the rest up to the patient's fifth.
        let share = if visit.diagnoses.is_empty() { 0 } else { 20 };
        let created = visit.end.plus_minutes(self.random.range(0, 5) * 1440);
        let created = if created.date <= person.end { created } else { visit.end };
        let covered = |cents: i64| cents - cents * share / 100;
        let total: i64 = visit.items.iter().map(|item| item.cents).sum();
        let paid: i64 = visit.items.iter().map(|item| covered(item.cents)).sum();
        self.resource(|json| {
            json.head("ExplanationOfBenefit", &id);
            json.one("contained", |json| coverage(json, person, payer));
            json.one("identifier", |json| {
                json.string("system", "https://cresset.dev/fhir/sample/claim");
                json.id("value", "", claim);
            });
            json.string("status", "active");
            json.hl7("type", "claim-type", claim_type(visit));
            json.string("use", "claim");
            json.reference("patient", PATIENT, &person.id);
            json.period("billablePeriod", visit.start, Some(visit.end));
            json.moment("created", created);
            json.named_reference("insurer", ORGANIZATION, &payer.id, &payer.name);
            let organization = visit.organization;
            json.named_reference("provider", ORGANIZATION, &organization.id, &organization.name);
            json.reference("claim", "Claim/", claim);
            json.string("outcome", "complete");
            json.one("careTeam", |json| {
                json.number("sequence", 1.into());
                json.reference("provider", PRACTITIONER, &visit.practitioner.id);
                json.hl7("role", "claimcareteamrole", "primary");
            });
            diagnoses(json, visit);
            json.one("insurance", |json| {
                json.boolean("focal", true);
                json.object("coverage", |json| {
                    json.string("reference", "#coverage");
                    json.string("display", &payer.name);
                });
            });
            json.array("item", |json| {
                for (number, of) in (1..).zip(&visit.items) {
                    json.item(|json| item(json, visit, of, number, covered(of.cents)));
                }
            });
            json.array("total", |json| {
                for (category, cents) in [("submitted", total), ("benefit", paid)] {
                    json.item(|json| amount(json, category, cents));
                }
            });
            json.object("payment", |json| {
                json.date("date", created.date);
                json.money("amount", paid);
            });
        });
    }
}

fn coverage(json: &mut JsonWriter, person: &Person, payer: &Organization) {
    json.string("resourceType", "Coverage");
    json.string("id", "coverage");
    json.string("status", "active");
    json.object("type", |json| json.string("text", &payer.name));
    json.reference("beneficiary", PATIENT, &person.id);
    json.one("payor", |json| {
        json.id("reference", ORGANIZATION, &payer.id);
        json.string("display", &payer.name);
    });
}

fn item(json: &mut JsonWriter, visit: &Visit, item: &Item, number: i32, paid: i64) {
    json.number("sequence", number.into());
    json.concept("productOrService", &item.code);
    json.period("servicedPeriod", visit.start, Some(visit.end));
    let place = match visit.class {
        Class::Ambulatory => "11",
        Class::Virtual => "12",
        Class::Emergency => "20",
        Class::Inpatient => "21",
    };
    json.hl7("locationCodeableConcept", "ex-serviceplace", place);
    json.money("net", item.cents);
    if number == 1 {
        json.references("encounter", ENCOUNTER, &visit.id);
    }
    json.array("adjudication", |json| {
        let amounts = [("submitted", item.cents), ("copay", item.cents - paid), ("benefit", paid)];
        for (category, cents) in amounts {
            json.item(|json| amount(json, category, cents));
        }
    });
}

fn amount(json: &mut JsonWriter, category: &str, cents: i64) {
    json.hl7("category", "adjudication", category);
    json.money("amount", cents);
}
