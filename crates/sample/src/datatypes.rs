//! FHIR's general-purpose data types, as this population uses them.

use crate::codes::{Code, Unit};
use crate::date::Moment;
use crate::decimal::Decimal;
use crate::id::Id;
use crate::json::JsonWriter;

impl JsonWriter<'_> {
    /// Resource type and id, which open every resource.
    pub(crate) fn head(&mut self, resource_type: &str, id: &Id) {
        self.string("resourceType", resource_type);
        self.id("id", "", id);
    }

    pub(crate) fn profile(&mut self, profile: &str) {
        self.object("meta", |meta| meta.string_items("profile", &[profile]));
    }

    fn coding_elements(&mut self, code: &Code) {
        self.string("system", code.system.url());
        self.string("code", code.code);
        self.string("display", code.display);
    }

    fn concept_elements(&mut self, code: &Code) {
        self.one("coding", |coding| coding.coding_elements(code));
        self.string("text", code.display);
    }

    /// A CodeableConcept with one coding, its display repeated as the text.
    pub(crate) fn concept(&mut self, name: &str, code: &Code) {
        self.object(name, |concept| concept.concept_elements(code));
    }

    pub(crate) fn concepts(&mut self, name: &str, code: &Code) {
        self.one(name, |concept| concept.concept_elements(code));
    }

    /// A CodeableConcept of a plain HL7 code, without display or text.
    pub(crate) fn hl7(&mut self, name: &str, system: &str, code: &str) {
        self.object(name, |concept| concept.hl7_elements(system, code));
    }

    pub(crate) fn hl7s(&mut self, name: &str, system: &str, code: &str) {
        self.one(name, |concept| concept.hl7_elements(system, code));
    }

    fn hl7_elements(&mut self, system: &str, code: &str) {
        self.one("coding", |coding| {
            coding.strings("system", &[HL7, system]);
            coding.string("code", code);
        });
    }

    pub(crate) fn reference(&mut self, name: &str, prefix: &str, id: &Id) {
        self.object(name, |json| json.id("reference", prefix, id));
    }

    pub(crate) fn references(&mut self, name: &str, prefix: &str, id: &Id) {
        self.one(name, |json| json.id("reference", prefix, id));
    }

    pub(crate) fn named_reference(&mut self, name: &str, prefix: &str, id: &Id, display: &str) {
        self.object(name, |json| {
            json.id("reference", prefix, id);
            json.string("display", display);
        });
    }

    pub(crate) fn quantity(&mut self, name: &str, value: Decimal, unit: &Unit) {
        self.object(name, |quantity| {
            quantity.number("value", value);
            quantity.string("unit", unit.text);
            quantity.string("system", "http://unitsofmeasure.org");
            quantity.string("code", unit.ucum);
        });
    }

    pub(crate) fn money(&mut self, name: &str, cents: i64) {
        self.object(name, |money| {
            money.number("value", Decimal::new(cents, 2));
            money.string("currency", "USD");
        });
    }

    pub(crate) fn period(&mut self, name: &str, start: Moment, end: Option<Moment>) {
        self.object(name, |period| {
            period.moment("start", start);
            if let Some(end) = end {
                period.moment("end", end);
            }
        });
    }
}

const HL7: &str = "http://terminology.hl7.org/CodeSystem/";
