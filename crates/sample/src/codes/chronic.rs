//! Chronic conditions: who gets them at what age, and how they are cared for.

use super::medications::{self as drugs, Drug};
use super::panels::{self, Panel};
use super::procedures::{self, Service};
use super::{Code, icd};
use crate::person::Sex;

/// A condition that lasts.
pub(crate) struct Chronic {
    pub(crate) code: Code,
    pub(crate) effect: Effect,
    /// Of a thousand people who live long enough, how many get it.
    pub(crate) chance: i32,
    /// Between which years of age it begins.
    pub(crate) onset: (i32, i32),
    pub(crate) sex: Option<Sex>,
    /// What multiplies the chance by two and a half.
    pub(crate) risk: Risk,
    pub(crate) care: Care,
}

/// How a chronic condition is looked after.
pub(crate) struct Care {
    /// The first from the diagnosis on; each further one some years later.
    pub(crate) drugs: &'static [&'static Drug],
    pub(crate) panels: &'static [&'static Panel],
    pub(crate) service: Option<&'static Service>,
    /// A care plan's title, its goal and its activities; none for lesser conditions.
    pub(crate) plan: Option<Plan>,
    /// Whether it calls for a visit every year.
    pub(crate) follow_up: bool,
}

/// What a care plan says.
pub(crate) struct Plan {
    pub(crate) category: Code,
    pub(crate) goal: &'static str,
    pub(crate) activities: &'static [Code],
}

/// What raises the chance of a condition.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Risk {
    None,
    Smoking,
    Weight,
}

/// What a condition does to measurements.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Effect {
    None,
    Pressure,
    Sugar,
    HalfSugar,
    Lipids,
    Kidneys,
    Thyroid,
    Blood,
    Lungs,
    Mood,
    Joints,
    Bones,
}

const fn plan(name: Code, goal: &'static str, activities: &'static [Code]) -> Option<Plan> {
    Some(Plan { category: name, goal, activities })
}

#[rustfmt::skip]
mod plans {
    use crate::codes::{Code, sample};

    pub(crate) const EXERCISE: Code = sample("exercise-therapy", "Exercise therapy");
    pub(crate) const DIET: Code = sample("healthy-diet", "Healthy diet");
    pub(crate) const LOW_SALT: Code = sample("low-salt-diet", "Low salt diet education");
    pub(crate) const STOP_SMOKING: Code = sample("smoking-cessation", "Smoking cessation education");
    pub(crate) const FOOT_CARE: Code = sample("foot-care", "Diabetic foot care");
    pub(crate) const INHALER: Code = sample("inhaler-technique", "Inhaler technique education");
    pub(crate) const ALLERGENS: Code = sample("allergen-avoidance", "Avoidance of triggers");
    pub(crate) const COUNSELING: Code = sample("counseling", "Psychosocial counseling");
    pub(crate) const HEAT_COLD: Code = sample("heat-cold-therapy", "Heat and cold therapy");
    pub(crate) const PULMONARY: Code = sample("pulmonary-rehabilitation", "Pulmonary rehabilitation");
    pub(crate) const CARDIAC: Code = sample("cardiac-rehabilitation", "Cardiac rehabilitation");
    pub(crate) const SAFETY: Code = sample("home-safety", "Home safety assessment");

    pub(crate) const SKIN_CARE: Code = sample("skin-care", "Skin care education");

    pub(crate) const PREVENTION: Code = sample("diabetes-prevention-plan", "Diabetes prevention plan");
    pub(crate) const WEIGHT: Code = sample("weight-plan", "Weight management plan");
    pub(crate) const KIDNEY: Code = sample("kidney-plan", "Chronic kidney disease management plan");
    pub(crate) const REFLUX: Code = sample("reflux-plan", "Reflux management plan");
    pub(crate) const RHINITIS: Code = sample("rhinitis-plan", "Allergic rhinitis self management plan");
    pub(crate) const SKIN: Code = sample("eczema-plan", "Eczema self management plan");
    pub(crate) const HYPERTENSION: Code = sample("hypertension-plan", "Hypertension self management plan");
    pub(crate) const DIABETES: Code = sample("diabetes-plan", "Diabetes self management plan");
    pub(crate) const LIPIDS: Code = sample("lipid-plan", "Hyperlipidemia clinical management plan");
    pub(crate) const ASTHMA: Code = sample("asthma-plan", "Asthma self management plan");
    pub(crate) const COPD: Code = sample("copd-plan", "Chronic obstructive pulmonary disease clinical management plan");
    pub(crate) const JOINTS: Code = sample("musculoskeletal-plan", "Musculoskeletal care plan");
    pub(crate) const MOOD: Code = sample("mental-health-plan", "Mental health care plan");
    pub(crate) const HEART: Code = sample("heart-plan", "Heart disease management plan");
    pub(crate) const MEMORY: Code = sample("dementia-plan", "Dementia management plan");
}

const fn care(
    drugs: &'static [&'static Drug],
    panels: &'static [&'static Panel],
    service: Option<&'static Service>,
    plan: Option<Plan>,
    follow_up: bool,
) -> Care {
    Care { drugs, panels, service, plan, follow_up }
}

const fn chronic(
    code: Code,
    effect: Effect,
    chance: i32,
    onset: (i32, i32),
    risk: Risk,
    care: Care,
) -> Chronic {
    Chronic { code, effect, chance, onset, sex: None, risk, care }
}

const fn only(sex: Sex, chronic: Chronic) -> Chronic {
    Chronic { sex: Some(sex), ..chronic }
}

use Effect as E;
use Risk as R;
use drugs::*;
use plans::*;
use procedures::*;

#[rustfmt::skip]
pub(crate) static CHRONIC: [Chronic; 24] = [
    chronic(icd("I10", "Essential (primary) hypertension"), E::Pressure, 420, (32, 74), R::Weight,
        care(&[&LISINOPRIL, &HYDROCHLOROTHIAZIDE, &AMLODIPINE], &[&panels::BASIC], None,
            plan(HYPERTENSION, "Systolic blood pressure below 140 mmHg", &[LOW_SALT, EXERCISE]), true)),
    chronic(icd("E11.9", "Type 2 diabetes mellitus without complications"), E::Sugar, 120, (34, 75), R::Weight,
        care(&[&METFORMIN, &INSULIN], &[&panels::DIABETES, &panels::LIPID], Some(&FOOT_EXAM),
            plan(DIABETES, "Hemoglobin A1c below 7 %", &[DIET, EXERCISE, FOOT_CARE]), true)),
    chronic(icd("R73.03", "Prediabetes"), E::HalfSugar, 210, (28, 65), R::Weight,
        care(&[], &[&panels::DIABETES], None,
            plan(PREVENTION, "Weight 5 % lower in half a year", &[DIET, EXERCISE]), false)),
    chronic(icd("E78.5", "Hyperlipidemia, unspecified"), E::Lipids, 340, (30, 68), R::Weight,
        care(&[&SIMVASTATIN, &ATORVASTATIN], &[&panels::LIPID], None,
            plan(LIPIDS, "LDL cholesterol below 100 mg/dL", &[DIET, EXERCISE]), true)),
    chronic(icd("J45.909", "Unspecified asthma, uncomplicated"), E::Lungs, 85, (3, 24), R::None,
        care(&[&ALBUTEROL, &FLUTICASONE], &[], Some(&SPIROMETRY),
            plan(ASTHMA, "No asthma symptoms at night", &[INHALER, ALLERGENS]), true)),
    chronic(icd("J44.9", "Chronic obstructive pulmonary disease, unspecified"), E::Lungs, 75, (47, 76), R::Smoking,
        care(&[&ALBUTEROL, &FLUTICASONE_SALMETEROL], &[], Some(&SPIROMETRY),
            plan(COPD, "No hospital admission for an exacerbation", &[PULMONARY, STOP_SMOKING]), true)),
    chronic(icd("M17.9", "Osteoarthritis of knee, unspecified"), E::Joints, 230, (44, 78), R::Weight,
        care(&[&NAPROXEN], &[], None, plan(JOINTS, "Pain of 3 or less on a scale of 10", &[HEAT_COLD, EXERCISE]), false)),
    only(Sex::Female, chronic(icd("M81.0", "Age-related osteoporosis without current pathological fracture"), E::Bones, 160, (55, 84), R::Smoking,
        care(&[], &[], Some(&BONE_DENSITOMETRY), None, false))),
    chronic(icd("F32.9", "Major depressive disorder, single episode, unspecified"), E::Mood, 120, (15, 66), R::None,
        care(&[&SERTRALINE], &[], None, plan(MOOD, "PHQ-9 score below 5", &[COUNSELING, EXERCISE]), true)),
    chronic(icd("F41.1", "Generalized anxiety disorder"), E::Mood, 70, (14, 55), R::None,
        care(&[&FLUOXETINE], &[], None, plan(MOOD, "Able to manage worry in daily life", &[COUNSELING]), false)),
    chronic(icd("E03.9", "Hypothyroidism, unspecified"), E::Thyroid, 60, (22, 72), R::None,
        care(&[&LEVOTHYROXINE], &[&panels::THYROID], None, None, true)),
    chronic(icd("E66.9", "Obesity, unspecified"), E::None, 170, (15, 55), R::Weight,
        care(&[], &[], None, plan(WEIGHT, "Body mass index below 30 kg/m2", &[DIET, EXERCISE]), false)),
    chronic(icd("I25.10", "Atherosclerotic heart disease of native coronary artery without angina pectoris"), E::None, 130, (50, 82), R::Smoking,
        care(&[&ASPIRIN, &METOPROLOL, &NITROGLYCERIN, &CLOPIDOGREL], &[&panels::LIPID], Some(&ELECTROCARDIOGRAM),
            plan(HEART, "Able to walk 30 minutes without chest pain", &[CARDIAC, DIET, STOP_SMOKING]), true)),
    chronic(icd("I50.9", "Heart failure, unspecified"), E::None, 85, (58, 88), R::None,
        care(&[&FUROSEMIDE, &METOPROLOL], &[&panels::HEART, &panels::BASIC], Some(&ELECTROCARDIOGRAM),
            plan(HEART, "No weight gain above 2 kg in a week", &[LOW_SALT, CARDIAC]), true)),
    chronic(icd("I48.91", "Unspecified atrial fibrillation"), E::None, 80, (55, 86), R::None,
        care(&[&WARFARIN, &METOPROLOL], &[&panels::COAGULATION], Some(&ELECTROCARDIOGRAM), None, true)),
    chronic(icd("N18.30", "Chronic kidney disease, stage 3 unspecified"), E::Kidneys, 90, (52, 82), R::None,
        care(&[], &[&panels::BASIC], None, plan(KIDNEY, "Stable kidney function", &[LOW_SALT, DIET]), true)),
    chronic(icd("G30.9", "Alzheimer's disease, unspecified"), E::None, 110, (66, 90), R::None,
        care(&[&DONEPEZIL], &[], None, plan(MEMORY, "Safe at home", &[SAFETY, COUNSELING]), true)),
    chronic(icd("M10.9", "Gout, unspecified"), E::Joints, 55, (35, 72), R::Weight,
        care(&[&ALLOPURINOL], &[&panels::URATE], None, None, false)),
    chronic(icd("J30.2", "Other seasonal allergic rhinitis"), E::None, 150, (4, 30), R::None,
        care(&[&LORATADINE], &[], None, plan(RHINITIS, "Undisturbed sleep in the season", &[ALLERGENS]), false)),
    chronic(icd("K21.9", "Gastro-esophageal reflux disease without esophagitis"), E::None, 160, (24, 68), R::Weight,
        care(&[&OMEPRAZOLE], &[], None, plan(REFLUX, "No heartburn at night", &[DIET]), false)),
    chronic(icd("D50.9", "Iron deficiency anemia, unspecified"), E::Blood, 70, (16, 78), R::None,
        care(&[&FERROUS_SULFATE], &[&panels::BLOOD_COUNT], None, None, false)),
    only(Sex::Male, chronic(icd("N40.0", "Benign prostatic hyperplasia without lower urinary tract symptoms"), E::None, 220, (50, 80), R::None,
        care(&[], &[], None, None, false))),
    chronic(icd("H25.9", "Unspecified age-related cataract"), E::None, 240, (60, 84), R::None,
        care(&[], &[], Some(&CATARACT_SURGERY), None, false)),
    chronic(icd("L20.9", "Atopic dermatitis, unspecified"), E::None, 90, (1, 8), R::None,
        care(&[], &[], None, plan(SKIN, "No sleep lost to itching", &[ALLERGENS, SKIN_CARE]), false)),
];
