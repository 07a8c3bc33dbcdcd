//! The code systems of elements of type `code`, which no resource says: that of the required binding
//! (R4 search, section 3.1.1.4.10). Elements that searches over Synthea's types reach.

/// The system of the codes that a property of a resource type has, where it is known.
pub fn implied_system(resource_type: &str, property: &str) -> Option<&'static str> {
    Some(match (resource_type, property) {
        (_, "gender") => "http://hl7.org/fhir/administrative-gender",
        ("Patient" | "Practitioner" | "Organization", "use") => "http://hl7.org/fhir/address-use",
        ("AllergyIntolerance", "category") => "http://hl7.org/fhir/allergy-intolerance-category",
        ("AllergyIntolerance", "criticality") => {
            "http://hl7.org/fhir/allergy-intolerance-criticality"
        }
        ("AllergyIntolerance", "severity") => "http://hl7.org/fhir/reaction-event-severity",
        ("AllergyIntolerance", "type") => "http://hl7.org/fhir/allergy-intolerance-type",
        ("CarePlan", "intent") => "http://hl7.org/fhir/request-intent",
        ("CarePlan", "status") => "http://hl7.org/fhir/request-status",
        ("CareTeam", "status") => "http://hl7.org/fhir/care-team-status",
        ("Claim", "status") => "http://hl7.org/fhir/fm-status",
        ("Claim", "use") => "http://hl7.org/fhir/claim-use",
        ("DiagnosticReport", "status") => "http://hl7.org/fhir/diagnostic-report-status",
        ("Encounter", "status") => "http://hl7.org/fhir/encounter-status",
        ("ExplanationOfBenefit", "status") => "http://hl7.org/fhir/explanationofbenefit-status",
        ("Goal", "lifecycleStatus") => "http://hl7.org/fhir/goal-status",
        ("ImagingStudy", "status") => "http://hl7.org/fhir/imagingstudy-status",
        ("Immunization" | "Procedure", "status") => "http://hl7.org/fhir/event-status",
        ("MedicationRequest", "intent") => {
            "http://hl7.org/fhir/CodeSystem/medicationrequest-intent"
        }
        ("MedicationRequest", "priority") => "http://hl7.org/fhir/request-priority",
        ("MedicationRequest", "status") => {
            "http://hl7.org/fhir/CodeSystem/medicationrequest-status"
        }
        ("Observation", "status") => "http://hl7.org/fhir/observation-status",
        _ => return None,
    })
}
