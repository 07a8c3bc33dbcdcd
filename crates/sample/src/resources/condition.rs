//! Condition: problems that last and diagnoses that pass.

use super::{PATIENT, us_core};
use crate::chart::{Chart, Visit};
use crate::codes::Code;
use crate::date::Date;
use crate::id::Id;

/// How a condition goes on, as far as the record knows.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Course {
    Lasting,
    /// An episode that is over on the day, if the record reaches that far.
    Until(Date),
}

impl Chart<'_> {
    pub(crate) fn condition(&mut self, visit: &Visit, id: Id, code: &Code, course: Course) {
        let person = self.person;
        let over = match course {
            Course::Until(day) if day <= person.end => Some(day),
            _ => None,
        };
        let category = match course {
            Course::Lasting => "problem-list-item",
            Course::Until(_) => "encounter-diagnosis",
        };
        let abated = over.map(|day| self.moment(day.max(visit.end.date.plus_days(1)), (8, 17)));
        let abated = abated.filter(|moment| moment.date <= person.end);
        self.resource(|json| {
            json.head("Condition", &id);
            json.profile(us_core!("condition"));
            let status = if abated.is_some() { "resolved" } else { "active" };
            json.hl7("clinicalStatus", "condition-clinical", status);
            json.hl7("verificationStatus", "condition-ver-status", "confirmed");
            json.hl7s("category", "condition-category", category);
            json.concept("code", code);
            json.reference("subject", PATIENT, &person.id);
            visit.reference(json);
            json.moment("onsetDateTime", visit.start);
            if let Some(abated) = abated {
                json.moment("abatementDateTime", abated);
            }
            json.moment("recordedDate", visit.start);
        });
    }
}
