//! Allergies and what they cause: ICD-10-CM status codes, which name the substance.

use super::{Code, icd, rxnorm};

/// Something people are allergic to.
pub(crate) struct Allergen {
    pub(crate) code: Code,
    /// `AllergyIntolerance.category`.
    pub(crate) category: &'static str,
    pub(crate) reactions: &'static [Code],
}

const URTICARIA: Code = icd("L50.0", "Allergic urticaria");
const RHINITIS: Code = icd("J30.9", "Allergic rhinitis, unspecified");
const WHEEZING: Code = icd("R06.2", "Wheezing");
const RASH: Code = icd("R21", "Rash and other nonspecific skin eruption");
const NAUSEA: Code = icd("R11.0", "Nausea");

const fn allergen(code: Code, category: &'static str, reactions: &'static [Code]) -> Allergen {
    Allergen { code, category, reactions }
}

pub(crate) static ALLERGENS: [Allergen; 10] = [
    allergen(icd("Z91.010", "Allergy to peanuts"), "food", &[URTICARIA, WHEEZING]),
    allergen(icd("Z91.011", "Allergy to milk products"), "food", &[NAUSEA, RASH]),
    allergen(icd("Z91.012", "Allergy to eggs"), "food", &[URTICARIA]),
    allergen(icd("Z91.013", "Allergy to seafood"), "food", &[URTICARIA, NAUSEA]),
    allergen(icd("J30.1", "Allergic rhinitis due to pollen"), "environment", &[RHINITIS]),
    allergen(
        icd("J30.81", "Allergic rhinitis due to animal (cat) (dog) hair and dander"),
        "environment",
        &[RHINITIS, WHEEZING],
    ),
    allergen(icd("Z91.030", "Bee allergy status"), "environment", &[URTICARIA]),
    allergen(icd("Z91.040", "Latex allergy status"), "environment", &[RASH]),
    allergen(rxnorm("7980", "penicillin G"), "medication", &[RASH, URTICARIA]),
    allergen(rxnorm("1191", "aspirin"), "medication", &[WHEEZING]),
];
