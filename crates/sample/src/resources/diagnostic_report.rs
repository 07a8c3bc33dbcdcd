//! DiagnosticReport: laboratory panels, images and the death certificate.

use super::{PATIENT, PRACTITIONER, us_core};
use crate::chart::{Chart, Item, Visit};
use crate::codes::Code;
use crate::codes::panels::Panel;
use crate::id::Id;

/// A diagnostic service section of HL7's table 0074.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Section {
    Laboratory,
    Radiology,
    Other,
}

impl Section {
    const fn code(self) -> (&'static str, &'static str) {
        match self {
            Self::Laboratory => ("LAB", "Laboratory"),
            Self::Radiology => ("RAD", "Radiology"),
            Self::Other => ("OTH", "Other"),
        }
    }
}

impl Chart<'_> {
    /// The results of a panel and the report that holds them together.
    pub(crate) fn panel(&mut self, visit: &mut Visit, panel: &'static Panel) {
        let mut results = Vec::with_capacity(panel.analytes.len());
        for analyte in panel.analytes {
            let units = self.level(analyte, visit.date());
            results.push((self.result(visit, analyte, units), &analyte.measure.code));
        }
        self.report(visit, Section::Laboratory, &panel.code, &results, None);
        visit.items.push(Item { code: panel.code, cents: panel.cents, procedure: None });
    }

    /// A report of observations, or of a study with a conclusion.
    pub(crate) fn report(
        &mut self,
        visit: &Visit,
        section: Section,
        code: &Code,
        results: &[(Id, &Code)],
        study: Option<(Id, &str)>,
    ) {
        let id = self.random.id();
        let patient = self.person.id;
        let when = visit.now();
        self.resource(|json| {
            json.head("DiagnosticReport", &id);
            json.profile(match section {
                Section::Laboratory => us_core!("diagnosticreport-lab"),
                _ => us_core!("diagnosticreport-note"),
            });
            json.string("status", "final");
            let (category, display) = section.code();
            json.one("category", |json| {
                json.one("coding", |json| {
                    json.string("system", "http://terminology.hl7.org/CodeSystem/v2-0074");
                    json.string("code", category);
                    json.string("display", display);
                });
            });
            json.concept("code", code);
            json.reference("subject", PATIENT, &patient);
            visit.reference(json);
            json.moment("effectiveDateTime", when);
            json.instant("issued", when, "000");
            json.one("performer", |json| {
                json.id("reference", PRACTITIONER, &visit.practitioner.id);
                json.string("display", &visit.practitioner.display);
            });
            if !results.is_empty() {
                json.array("result", |json| {
                    for (result, code) in results {
                        json.item(|json| {
                            json.id("reference", "Observation/", result);
                            json.string("display", code.display);
                        });
                    }
                });
            }
            if let Some((study, conclusion)) = study {
                json.references("imagingStudy", "ImagingStudy/", &study);
                json.string("conclusion", conclusion);
            }
        });
    }
}
