//! Laboratory panels: what they measure, and between which values healthy people are.

use super::measures::Measure;
use super::{Code, Unit, loinc, sample};

/// A laboratory panel, reported as one DiagnosticReport.
pub(crate) struct Panel {
    pub(crate) code: Code,
    pub(crate) cents: i64,
    pub(crate) analytes: &'static [Analyte],
}

/// One result of a panel; the bounds are in units of the measure's last digit.
pub(crate) struct Analyte {
    pub(crate) measure: Measure,
    pub(crate) low: i32,
    pub(crate) high: i32,
    pub(crate) moved_by: Mover,
}

/// What in a person's state moves a result away from where healthy people are.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Mover {
    Nothing,
    Glucose,
    A1c,
    Cholesterol,
    Ldl,
    Triglyceride,
    Creatinine,
    Filtration,
    Thyrotropin,
    Albuminuria,
    Hemoglobin,
}

const fn analyte(
    number: &'static str,
    display: &'static str,
    ucum: &'static str,
    scale: u8,
    bounds: (i32, i32),
    moved_by: Mover,
) -> Analyte {
    Analyte {
        measure: Measure { code: loinc(number, display), unit: Unit { ucum, text: ucum }, scale },
        low: bounds.0,
        high: bounds.1,
        moved_by,
    }
}

#[rustfmt::skip]
pub(crate) static BASIC: Panel = Panel {
    code: loinc("24321-2", "Basic metabolic 2000 panel - Serum or Plasma"),
    cents: 4_215,
    analytes: &[
        analyte("2345-7", "Glucose [Mass/volume] in Serum or Plasma", "mg/dL", 1, (700, 990), Mover::Glucose),
        analyte("3094-0", "Urea nitrogen [Mass/volume] in Serum or Plasma", "mg/dL", 1, (70, 200), Mover::Nothing),
        analyte("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 2, (60, 110), Mover::Creatinine),
        analyte("17861-6", "Calcium [Mass/volume] in Serum or Plasma", "mg/dL", 1, (86, 102), Mover::Nothing),
        analyte("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", 0, (136, 144), Mover::Nothing),
        analyte("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L", 1, (37, 51), Mover::Nothing),
        analyte("2075-0", "Chloride [Moles/volume] in Serum or Plasma", "mmol/L", 0, (101, 110), Mover::Nothing),
        analyte("2028-9", "Carbon dioxide, total [Moles/volume] in Serum or Plasma", "mmol/L", 0, (21, 29), Mover::Nothing),
    ],
};

#[rustfmt::skip]
pub(crate) static LIPID: Panel = Panel {
    code: loinc("24331-1", "Lipid 1996 panel - Serum or Plasma"),
    cents: 5_840,
    analytes: &[
        analyte("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "mg/dL", 0, (150, 199), Mover::Cholesterol),
        analyte("2571-8", "Triglyceride [Mass/volume] in Serum or Plasma", "mg/dL", 0, (80, 149), Mover::Triglyceride),
        analyte("13457-7", "Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation", "mg/dL", 0, (70, 118), Mover::Ldl),
        analyte("2085-9", "Cholesterol in HDL [Mass/volume] in Serum or Plasma", "mg/dL", 0, (41, 66), Mover::Nothing),
    ],
};

#[rustfmt::skip]
pub(crate) static BLOOD_COUNT: Panel = Panel {
    code: loinc("58410-2", "CBC panel - Blood by Automated count"),
    cents: 3_390,
    analytes: &[
        analyte("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*3/uL", 1, (40, 105), Mover::Nothing),
        analyte("789-8", "Erythrocytes [#/volume] in Blood by Automated count", "10*6/uL", 2, (420, 560), Mover::Nothing),
        analyte("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 1, (123, 166), Mover::Hemoglobin),
        analyte("4544-3", "Hematocrit [Volume Fraction] of Blood by Automated count", "%", 1, (370, 480), Mover::Nothing),
        analyte("787-2", "MCV [Entitic volume] by Automated count", "fL", 1, (800, 960), Mover::Nothing),
        analyte("785-6", "MCH [Entitic mass] by Automated count", "pg", 1, (275, 332), Mover::Nothing),
        analyte("786-4", "MCHC [Mass/volume] by Automated count", "g/dL", 1, (334, 355), Mover::Nothing),
        analyte("777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", 0, (150, 400), Mover::Nothing),
    ],
};

#[rustfmt::skip]
pub(crate) static DIABETES: Panel = Panel {
    code: sample("diabetes-panel", "Diabetes monitoring panel"),
    cents: 6_125,
    analytes: &[
        analyte("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%", 1, (45, 56), Mover::A1c),
        analyte("2345-7", "Glucose [Mass/volume] in Serum or Plasma", "mg/dL", 1, (700, 990), Mover::Glucose),
        analyte("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 2, (60, 110), Mover::Creatinine),
        analyte("33914-3", "Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum or Plasma by Creatinine-based formula (MDRD)", "mL/min/{1.73_m2}", 1, (850, 1250), Mover::Filtration),
        analyte("14959-1", "Microalbumin/Creatinine [Mass Ratio] in Urine", "mg/g", 1, (40, 280), Mover::Albuminuria),
    ],
};

#[rustfmt::skip]
pub(crate) static THYROID: Panel = Panel {
    code: loinc("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma"),
    cents: 4_480,
    analytes: &[
        analyte("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma", "m[IU]/L", 3, (600, 3900), Mover::Thyrotropin),
    ],
};

#[rustfmt::skip]
pub(crate) static HEART: Panel = Panel {
    code: loinc("33762-6", "Natriuretic peptide.B prohormone N-Terminal [Mass/volume] in Serum or Plasma"),
    cents: 9_500,
    analytes: &[
        analyte("33762-6", "Natriuretic peptide.B prohormone N-Terminal [Mass/volume] in Serum or Plasma", "pg/mL", 0, (460, 2900), Mover::Nothing),
    ],
};

#[rustfmt::skip]
pub(crate) static URATE: Panel = Panel {
    code: loinc("3084-1", "Urate [Mass/volume] in Serum or Plasma"),
    cents: 1_860,
    analytes: &[
        analyte("3084-1", "Urate [Mass/volume] in Serum or Plasma", "mg/dL", 1, (52, 94), Mover::Nothing),
    ],
};

#[rustfmt::skip]
pub(crate) static COAGULATION: Panel = Panel {
    code: loinc("6301-6", "INR in Platelet poor plasma by Coagulation assay"),
    cents: 1_430,
    analytes: &[
        analyte("6301-6", "INR in Platelet poor plasma by Coagulation assay", "{INR}", 1, (18, 34), Mover::Nothing),
    ],
};
