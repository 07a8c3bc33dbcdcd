//! How each resource type is written.

mod allergy_intolerance;
mod care_plan;
mod claim;
mod condition;
mod device;
mod diagnostic_report;
mod encounter;
mod explanation_of_benefit;
mod imaging_study;
mod immunization;
mod medication_request;
mod observation;
mod organization;
mod patient;
mod patient_origin;
mod practitioner;
mod procedure;

pub(crate) use condition::Course;
pub(crate) use diagnostic_report::Section;
pub(crate) use encounter::Occasion;
pub(crate) use observation::Outcome;
pub(crate) use organization::{write_location, write_organization};
pub(crate) use practitioner::{write_medication, write_practitioner};

/// US Core's profile of this name.
macro_rules! us_core {
    ($name:literal) => {
        concat!("http://hl7.org/fhir/us/core/StructureDefinition/us-core-", $name)
    };
}
use us_core;

const PATIENT: &str = "Patient/";
const ENCOUNTER: &str = "Encounter/";
const CONDITION: &str = "Condition/";
const ORGANIZATION: &str = "Organization/";
const PRACTITIONER: &str = "Practitioner/";
