//! MedicationRequest, and the pharmacy's claim for it.

use super::{CONDITION, PATIENT, PRACTITIONER, us_core};
use crate::chart::{Chart, Visit};
use crate::codes::medications::{Drug, STOCK};
use crate::codes::{Code, Unit};
use crate::decimal::Decimal;
use crate::id::Id;
use crate::json::JsonWriter;

static DAYS: Unit = Unit { ucum: "d", text: "days" };

impl Chart<'_> {
    /// A prescription that lasts some days.
    pub(crate) fn medication_request(
        &mut self,
        visit: &Visit,
        drug: &'static Drug,
        days: i32,
        reason: Option<(Id, &Code)>,
    ) {
        let id = self.random.id();
        let person = self.person;
        let over = visit.date().plus_days(days) <= person.end;
        let status = match (over, person.died) {
            (true, _) => "completed",
            (false, Some(_)) => "stopped",
            (false, None) => "active",
        };
        let stock = STOCK.iter().position(|of| std::ptr::eq(*of, drug));
        let stock = stock.filter(|_| visit.kind.cents > 50_000);
        let stock = stock.map(|position| &self.shared.stock[position]);
        let started = visit.now();
        self.resource(|json| {
            json.head("MedicationRequest", &id);
            json.profile(us_core!("medicationrequest"));
            json.string("status", status);
            json.string("intent", "order");
            json.hl7s("category", "medicationrequest-category", "outpatient");
            match stock {
                Some(medication) => {
                    json.reference("medicationReference", "Medication/", medication)
                }
                None => json.concept("medicationCodeableConcept", &drug.code),
            }
            json.reference("subject", PATIENT, &person.id);
            visit.reference(json);
            json.moment("authoredOn", started);
            let practitioner = visit.practitioner;
            let name = &practitioner.display;
            json.named_reference("requester", PRACTITIONER, &practitioner.id, name);
            if let Some((condition, code)) = reason {
                json.one("reasonReference", |json| {
                    json.id("reference", CONDITION, &condition);
                    json.string("display", code.display);
                });
            }
            json.one("dosageInstruction", |json| dosage(json, drug));
            json.object("dispenseRequest", |json| {
                json.number("numberOfRepeatsAllowed", (days / 90).into());
                json.quantity("expectedSupplyDuration", days.min(90).into(), &DAYS);
            });
        });
        self.pharmacy_claim(visit, &id, drug);
    }
}

fn dosage(json: &mut JsonWriter, drug: &Drug) {
    json.number("sequence", 1.into());
    let text = match drug.daily {
        0 => "Take as needed.",
        1 => "Take one a day.",
        2 => "Take one twice a day.",
        3 => "Take one three times a day.",
        _ => "Take one four times a day.",
    };
    json.string("text", text);
    if drug.daily > 0 {
        json.object("timing", |json| {
            json.object("repeat", |json| {
                json.number("frequency", drug.daily.into());
                json.number("period", Decimal::new(10, 1));
                json.string("periodUnit", "d");
            });
        });
    }
    json.boolean("asNeededBoolean", drug.daily == 0);
    json.one("doseAndRate", |json| {
        json.hl7("type", "dose-rate-type", "ordered");
        json.object("doseQuantity", |json| json.number("value", 1.into()));
    });
}
