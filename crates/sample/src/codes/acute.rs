//! Acute conditions: whom they befall at what age, and what is done.

use super::medications::{self as drugs, Drug};
use super::panels::{self, Panel};
use super::procedures::{self, Service};
use super::{Code, icd};

/// A condition that passes.
pub(crate) struct Acute {
    pub(crate) code: Code,
    /// Between which years of age it happens.
    pub(crate) ages: (i32, i32),
    /// Of ten thousand people of these ages, how many have it in a year.
    pub(crate) rate: i32,
    /// Days until it has passed.
    pub(crate) days: i32,
    /// The first year it was seen.
    pub(crate) since: i32,
    pub(crate) setting: Setting,
    pub(crate) fever: bool,
    pub(crate) drug: Option<&'static Drug>,
    pub(crate) service: Option<&'static Service>,
    pub(crate) finding: Finding,
}

/// Where an acute condition is treated.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Setting {
    Office,
    UrgentCare,
    Emergency,
    /// In hospital, for this many days.
    Hospital(i32),
}

/// What confirms an acute condition.
#[derive(Clone, Copy)]
pub(crate) enum Finding {
    None,
    Strep,
    Covid,
    BloodCount,
    /// An image of a body part.
    Image(&'static Image),
}

/// An imaging examination, in DICOM's words.
#[derive(Clone, Copy)]
pub(crate) struct Image {
    pub(crate) modality: (&'static str, &'static str),
    pub(crate) body_site: &'static str,
    pub(crate) sop_class: &'static str,
    pub(crate) title: &'static str,
    pub(crate) report: Code,
}

impl Finding {
    pub(crate) const fn panel(self) -> Option<&'static Panel> {
        match self {
            Self::BloodCount => Some(&panels::BLOOD_COUNT),
            _ => None,
        }
    }
}

const DIGITAL_XRAY: &str = "urn:oid:1.2.840.10008.5.1.4.1.1.1.1";
const CT: &str = "urn:oid:1.2.840.10008.5.1.4.1.1.2";

const fn xray(body_site: &'static str, title: &'static str, report: Code) -> Image {
    Image {
        modality: ("DX", "Digital Radiography"),
        body_site,
        sop_class: DIGITAL_XRAY,
        title,
        report,
    }
}

#[rustfmt::skip]
pub(crate) static CHEST: Image = xray("Chest", "Plain chest X-ray", super::loinc("36643-5", "XR Chest 2 Views"));
#[rustfmt::skip]
static WRIST: Image = xray("Right wrist", "X-ray of the right wrist", super::sample("xray-wrist", "X-ray of the right wrist"));
#[rustfmt::skip]
static ANKLE: Image = xray("Ankle", "X-ray of the ankle", super::sample("xray-ankle", "X-ray of the ankle"));
static HEAD: Image = Image {
    modality: ("CT", "Computed Tomography"),
    body_site: "Head",
    sop_class: CT,
    title: "CT of the head without contrast",
    report: super::loinc("30799-1", "CT Head WO contrast"),
};

const fn acute(
    code: Code,
    ages: (i32, i32),
    rate: i32,
    days: i32,
    setting: Setting,
    (fever, drug): (bool, Option<&'static Drug>),
    (service, finding): (Option<&'static Service>, Finding),
) -> Acute {
    Acute { code, ages, rate, days, since: 0, setting, fever, drug, service, finding }
}

const fn since(year: i32, acute: Acute) -> Acute {
    Acute { since: year, ..acute }
}

use Finding as F;
use Setting as S;
use drugs::*;
use procedures::*;

#[rustfmt::skip]
pub(crate) static ACUTE: [Acute; 29] = [
    acute(icd("J06.9", "Acute upper respiratory infection, unspecified"), (0, 90), 700, 10, S::Office, (true, None), (None, F::None)),
    acute(icd("J02.0", "Streptococcal pharyngitis"), (3, 40), 280, 9, S::Office, (true, Some(&PENICILLIN_V)), (None, F::Strep)),
    acute(icd("J01.90", "Acute sinusitis, unspecified"), (8, 80), 270, 14, S::Office, (false, Some(&AMOXICILLIN_CLAVULANATE)), (None, F::None)),
    acute(icd("J20.9", "Acute bronchitis, unspecified"), (2, 90), 330, 12, S::Office, (true, Some(&ACETAMINOPHEN)), (Some(&CHEST_XRAY), F::None)),
    acute(icd("H66.90", "Otitis media, unspecified, unspecified ear"), (0, 9), 1500, 8, S::Office, (true, Some(&AMOXICILLIN)), (None, F::None)),
    acute(icd("A09", "Infectious gastroenteritis and colitis, unspecified"), (0, 80), 180, 5, S::UrgentCare, (true, None), (None, F::None)),
    acute(icd("N39.0", "Urinary tract infection, site not specified"), (16, 90), 170, 8, S::Office, (false, Some(&SULFAMETHOXAZOLE)), (None, F::None)),
    acute(icd("J11.1", "Influenza due to unidentified influenza virus with other respiratory manifestations"), (1, 90), 230, 11, S::UrgentCare, (true, Some(&ACETAMINOPHEN)), (None, F::None)),
    since(2020, acute(icd("U07.1", "COVID-19"), (1, 95), 1100, 14, S::UrgentCare, (true, Some(&ACETAMINOPHEN)), (None, F::Covid))),
    acute(icd("J18.9", "Pneumonia, unspecified organism"), (0, 95), 55, 21, S::Emergency, (true, Some(&AZITHROMYCIN)), (Some(&CHEST_XRAY), F::Image(&CHEST))),
    acute(icd("S93.409A", "Sprain of unspecified ligament of unspecified ankle, initial encounter"), (8, 60), 160, 28, S::UrgentCare, (false, Some(&IBUPROFEN)), (None, F::Image(&ANKLE))),
    acute(icd("S52.501A", "Unspecified fracture of the lower end of right radius, initial encounter for closed fracture"), (5, 90), 50, 60, S::Emergency, (false, Some(&ACETAMINOPHEN)), (Some(&CAST), F::Image(&WRIST))),
    acute(icd("S61.412A", "Laceration without foreign body of left hand, initial encounter"), (4, 75), 100, 21, S::Emergency, (false, None), (Some(&HAND_REPAIR), F::None)),
    acute(icd("S06.0X0A", "Concussion without loss of consciousness, initial encounter"), (6, 85), 45, 30, S::Emergency, (false, Some(&ACETAMINOPHEN)), (None, F::Image(&HEAD))),
    acute(icd("M54.50", "Low back pain, unspecified"), (20, 80), 260, 45, S::Office, (false, Some(&NAPROXEN)), (None, F::None)),
    acute(icd("R51.9", "Headache, unspecified"), (10, 75), 150, 3, S::Office, (false, Some(&IBUPROFEN)), (None, F::None)),
    acute(icd("B01.9", "Varicella without complication"), (1, 10), 120, 12, S::Office, (true, None), (None, F::None)),
    acute(icd("L50.0", "Allergic urticaria"), (1, 60), 60, 4, S::UrgentCare, (false, Some(&LORATADINE)), (None, F::None)),
    acute(icd("J45.901", "Unspecified asthma with (acute) exacerbation"), (4, 40), 40, 7, S::Emergency, (false, Some(&PREDNISONE)), (None, F::None)),
    acute(icd("K35.80", "Unspecified acute appendicitis"), (6, 60), 12, 14, S::Hospital(2), (true, Some(&AMOXICILLIN_CLAVULANATE)), (Some(&APPENDECTOMY), F::BloodCount)),
    acute(icd("K80.00", "Calculus of gallbladder with acute cholecystitis without obstruction"), (30, 80), 18, 20, S::Hospital(2), (true, Some(&ACETAMINOPHEN)), (Some(&CHOLECYSTECTOMY), F::BloodCount)),
    acute(icd("N20.0", "Calculus of kidney"), (22, 75), 40, 12, S::Emergency, (false, Some(&IBUPROFEN)), (None, F::None)),
    acute(icd("G43.909", "Migraine, unspecified, not intractable, without status migrainosus"), (12, 55), 90, 2, S::Office, (false, Some(&NAPROXEN)), (None, F::None)),
    acute(icd("I21.9", "Acute myocardial infarction, unspecified"), (48, 92), 34, 40, S::Hospital(4), (false, Some(&CLOPIDOGREL)), (Some(&STENT), F::BloodCount)),
    acute(icd("I63.9", "Cerebral infarction, unspecified"), (52, 94), 32, 90, S::Hospital(6), (false, Some(&ASPIRIN)), (None, F::Image(&HEAD))),
    acute(icd("M17.11", "Unilateral primary osteoarthritis, right knee"), (58, 82), 45, 120, S::Hospital(3), (false, Some(&ACETAMINOPHEN)), (Some(&KNEE_REPLACEMENT), F::BloodCount)),
    acute(icd("K92.2", "Gastrointestinal hemorrhage, unspecified"), (45, 92), 22, 20, S::Hospital(3), (false, Some(&OMEPRAZOLE)), (Some(&TRANSFUSION), F::BloodCount)),
    acute(icd("L03.90", "Cellulitis, unspecified"), (5, 90), 70, 12, S::UrgentCare, (true, Some(&AMOXICILLIN_CLAVULANATE)), (None, F::None)),
    acute(icd("H10.9", "Unspecified conjunctivitis"), (0, 50), 190, 7, S::Office, (false, None), (None, F::None)),
];
