//! Observation: vital signs, laboratory results, surveys and social history.

use super::{PATIENT, PRACTITIONER, us_core};
use crate::chart::{Chart, Visit};
use crate::codes::Code;
use crate::codes::measures::{
    BLOOD_PRESSURE, BMI, Category, DIASTOLIC, HEIGHT, Measure, SMOKING, SYSTOLIC, WEIGHT,
};
use crate::codes::panels::Analyte;
use crate::date::Date;
use crate::decimal::Decimal;
use crate::id::Id;
use crate::json::JsonWriter;

/// `Observation.value[x]`, where it is not a quantity.
#[derive(Clone, Copy)]
pub(crate) enum Outcome<'a> {
    Coded(&'a Code),
    When(Date),
}

impl Chart<'_> {
    /// One number, in units of the measure's last digit.
    pub(crate) fn measured(
        &mut self,
        visit: &Visit,
        category: Category,
        measure: &Measure,
        units: i64,
    ) -> Id {
        self.observation(visit, category, &measure.code, |json| {
            json.quantity("valueQuantity", Decimal::new(units, measure.scale), &measure.unit);
        })
    }

    /// A code or a date.
    pub(crate) fn found(
        &mut self,
        visit: &Visit,
        category: Category,
        code: &Code,
        outcome: Outcome,
    ) -> Id {
        self.observation(visit, category, code, |json| match outcome {
            Outcome::Coded(value) => json.concept("valueCodeableConcept", value),
            Outcome::When(date) => json.date("valueDateTime", date),
        })
    }

    /// Systolic and diastolic pressure, as the components of one Observation.
    pub(crate) fn blood_pressure(&mut self, visit: &Visit, systolic: i32, diastolic: i32) -> Id {
        self.observation(visit, Category::VitalSigns, &BLOOD_PRESSURE, |json| {
            json.array("component", |json| {
                for (measure, value) in [(&DIASTOLIC, diastolic), (&SYSTOLIC, systolic)] {
                    json.item(|json| {
                        json.concept("code", &measure.code);
                        json.quantity("valueQuantity", value.into(), &measure.unit);
                    });
                }
            });
        })
    }

    /// A laboratory result with its reference range.
    pub(crate) fn result(&mut self, visit: &Visit, analyte: &Analyte, units: i32) -> Id {
        let measure = &analyte.measure;
        let decimal = |units: i32| Decimal::new(i64::from(units), measure.scale);
        let flag = match units {
            low if low < analyte.low => "L",
            high if high > analyte.high => "H",
            _ => "N",
        };
        self.observation(visit, Category::Laboratory, &measure.code, |json| {
            json.quantity("valueQuantity", decimal(units), &measure.unit);
            json.hl7s("interpretation", "v3-ObservationInterpretation", flag);
            json.one("referenceRange", |json| {
                json.quantity("low", decimal(analyte.low), &measure.unit);
                json.quantity("high", decimal(analyte.high), &measure.unit);
            });
        })
    }

    fn observation(
        &mut self,
        visit: &Visit,
        category: Category,
        code: &Code,
        value: impl FnOnce(&mut JsonWriter),
    ) -> Id {
        let id = self.random.id();
        let patient = self.person.id;
        let when = visit.now();
        let issued = self.random.range(100, 999).to_string();
        self.resource(|json| {
            json.head("Observation", &id);
            if let Some(profile) = profile(category, code) {
                json.profile(profile);
            }
            json.string("status", "final");
            let (category, display) = category.code();
            json.one("category", |json| {
                json.one("coding", |json| {
                    json.string(
                        "system",
                        "http://terminology.hl7.org/CodeSystem/observation-category",
                    );
                    json.string("code", category);
                    json.string("display", display);
                });
            });
            json.concept("code", code);
            json.reference("subject", PATIENT, &patient);
            visit.reference(json);
            json.moment("effectiveDateTime", when);
            json.instant("issued", when, &issued);
            if category != "laboratory" {
                json.references("performer", PRACTITIONER, &visit.practitioner.id);
            }
            value(json);
        });
        id
    }
}

fn profile(category: Category, code: &Code) -> Option<&'static str> {
    match category {
        Category::Laboratory => Some(us_core!("observation-lab")),
        _ if *code == BLOOD_PRESSURE => Some("http://hl7.org/fhir/StructureDefinition/bp"),
        _ if *code == HEIGHT.code => Some("http://hl7.org/fhir/StructureDefinition/bodyheight"),
        _ if *code == WEIGHT.code => Some("http://hl7.org/fhir/StructureDefinition/bodyweight"),
        _ if *code == BMI.code => Some("http://hl7.org/fhir/StructureDefinition/bmi"),
        _ if *code == SMOKING => Some(us_core!("smokingstatus")),
        Category::VitalSigns => Some("http://hl7.org/fhir/StructureDefinition/vitalsigns"),
        _ => None,
    }
}
