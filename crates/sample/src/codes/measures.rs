//! What is observed: LOINC codes with their units.

use super::{Code, Unit, loinc};

/// A quantity that is observed, with the number of digits it is reported with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure {
    pub(crate) code: Code,
    pub(crate) unit: Unit,
    pub(crate) scale: u8,
}

/// `Observation.category`, one of HL7's codes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Category {
    VitalSigns,
    Laboratory,
    Survey,
    SocialHistory,
    Exam,
}

impl Category {
    pub(crate) const fn code(self) -> (&'static str, &'static str) {
        match self {
            Self::VitalSigns => ("vital-signs", "Vital Signs"),
            Self::Laboratory => ("laboratory", "Laboratory"),
            Self::Survey => ("survey", "Survey"),
            Self::SocialHistory => ("social-history", "Social History"),
            Self::Exam => ("exam", "Exam"),
        }
    }
}

const fn measure(
    number: &'static str,
    display: &'static str,
    ucum: &'static str,
    scale: u8,
) -> Measure {
    annotated(number, display, ucum, ucum, scale)
}

const fn annotated(
    number: &'static str,
    display: &'static str,
    ucum: &'static str,
    text: &'static str,
    scale: u8,
) -> Measure {
    Measure { code: loinc(number, display), unit: Unit { ucum, text }, scale }
}

pub(crate) static HEIGHT: Measure = measure("8302-2", "Body height", "cm", 1);
pub(crate) static WEIGHT: Measure = measure("29463-7", "Body weight", "kg", 1);
pub(crate) static BMI: Measure = measure("39156-5", "Body mass index (BMI) [Ratio]", "kg/m2", 2);
pub(crate) static BMI_PERCENTILE: Measure =
    measure("59576-9", "Body mass index (BMI) [Percentile] Per age and sex", "%", 1);
pub(crate) static HEAD: Measure =
    measure("9843-4", "Head Occipital-frontal circumference", "cm", 2);
pub(crate) static HEART_RATE: Measure = annotated("8867-4", "Heart rate", "/min", "beats/min", 0);
pub(crate) static RESPIRATION: Measure =
    annotated("9279-1", "Respiratory rate", "/min", "breaths/min", 0);
pub(crate) static TEMPERATURE: Measure =
    annotated("8310-5", "Body temperature", "Cel", "\u{b0}C", 1);
pub(crate) static SATURATION: Measure =
    measure("2708-6", "Oxygen saturation in Arterial blood", "%", 1);
pub(crate) static BLOOD_PRESSURE: Code =
    loinc("85354-9", "Blood pressure panel with all children optional");
pub(crate) static SYSTOLIC: Measure =
    annotated("8480-6", "Systolic blood pressure", "mm[Hg]", "mmHg", 0);
pub(crate) static DIASTOLIC: Measure =
    annotated("8462-4", "Diastolic blood pressure", "mm[Hg]", "mmHg", 0);

pub(crate) static PAIN: Measure = annotated(
    "72514-3",
    "Pain severity - 0-10 verbal numeric rating [Score] - Reported",
    "{score}",
    "score",
    0,
);
pub(crate) static PHQ2: Measure = annotated(
    "55758-7",
    "Patient Health Questionnaire 2 item (PHQ-2) total score [Reported]",
    "{score}",
    "score",
    0,
);
pub(crate) static PHQ9: Measure = annotated(
    "44261-6",
    "Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]",
    "{score}",
    "score",
    0,
);
pub(crate) static APGAR_1: Measure =
    annotated("9272-6", "1 minute Apgar Score", "{score}", "score", 0);
pub(crate) static APGAR_5: Measure =
    annotated("9274-2", "5 minute Apgar Score", "{score}", "score", 0);
pub(crate) static GESTATION: Measure = measure("11884-4", "Gestational age Estimated", "wk", 0);
pub(crate) static BONE_DENSITY: Measure =
    annotated("38263-4", "DXA Femur [T-score] Bone density", "{T-score}", "T-score", 1);
pub(crate) static FEV1_FVC: Measure = measure("19926-5", "FEV1/FVC", "%", 1);

pub(crate) static SMOKING: Code = loinc("72166-2", "Tobacco smoking status");
pub(crate) static NEVER_SMOKER: Code = loinc("LA18978-9", "Never smoker");
pub(crate) static FORMER_SMOKER: Code = loinc("LA15920-4", "Former smoker");
pub(crate) static CURRENT_SMOKER: Code = loinc("LA18976-3", "Current every day smoker");

pub(crate) static SARS_COV_2: Code = loinc(
    "94500-6",
    "SARS-CoV-2 (COVID-19) RNA [Presence] in Respiratory system specimen by NAA with probe detection",
);
pub(crate) static STREP_A: Code =
    loinc("78012-2", "Streptococcus pyogenes Ag [Presence] in Throat by Rapid immunoassay");
pub(crate) static POSITIVE: Code = loinc("LA6576-8", "Positive");
pub(crate) static NEGATIVE: Code = loinc("LA6577-6", "Negative");

pub(crate) static PREGNANCY_STATUS: Code = loinc("82810-3", "Pregnancy status");
pub(crate) static PREGNANT: Code = loinc("LA15173-0", "Pregnant");
pub(crate) static DELIVERY_DATE: Code = loinc("11778-8", "Delivery date Estimated");
pub(crate) static CAUSE_OF_DEATH: Code =
    loinc("69453-9", "Cause of death [US Standard Certificate of Death]");
