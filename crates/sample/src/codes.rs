//! What the population says in codes: one table per clinical domain.

pub(crate) mod acute;
pub(crate) mod allergies;
pub(crate) mod chronic;
pub(crate) mod measures;
pub(crate) mod medications;
pub(crate) mod panels;
pub(crate) mod procedures;
pub(crate) mod vaccines;

/// A code with its display, of one of the systems below.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Code {
    pub(crate) system: System,
    pub(crate) code: &'static str,
    pub(crate) display: &'static str,
}

/// The code systems of clinical content.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum System {
    Loinc,
    Icd10Cm,
    Icd10Pcs,
    Hcpcs,
    RxNorm,
    Cvx,
    /// Cresset's own, where no freely usable system has the concept.
    Sample,
}

impl System {
    pub(crate) const fn url(self) -> &'static str {
        match self {
            Self::Loinc => "http://loinc.org",
            Self::Icd10Cm => "http://hl7.org/fhir/sid/icd-10-cm",
            Self::Icd10Pcs => "http://www.cms.gov/Medicare/Coding/ICD10",
            Self::Hcpcs => "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
            Self::RxNorm => "http://www.nlm.nih.gov/research/umls/rxnorm",
            Self::Cvx => "http://hl7.org/fhir/sid/cvx",
            Self::Sample => "https://cresset.dev/fhir/CodeSystem/sample",
        }
    }
}

const fn code(system: System, code: &'static str, display: &'static str) -> Code {
    Code { system, code, display }
}

pub(crate) const fn loinc(number: &'static str, display: &'static str) -> Code {
    code(System::Loinc, number, display)
}

pub(crate) const fn icd(number: &'static str, display: &'static str) -> Code {
    code(System::Icd10Cm, number, display)
}

pub(crate) const fn rxnorm(number: &'static str, display: &'static str) -> Code {
    code(System::RxNorm, number, display)
}

pub(crate) const fn sample(name: &'static str, display: &'static str) -> Code {
    code(System::Sample, name, display)
}

/// A UCUM unit and how people write it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unit {
    pub(crate) ucum: &'static str,
    pub(crate) text: &'static str,
}
