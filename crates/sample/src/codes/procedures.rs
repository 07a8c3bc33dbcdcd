//! What is done: ICD-10-PCS for operations, HCPCS level II for screenings, and this
//! population's own codes for the rest, because no freely usable system has them.

use super::{Code, System, sample};

/// A procedure, how long it takes and what it costs.
pub(crate) struct Service {
    pub(crate) code: Code,
    pub(crate) minutes: i32,
    pub(crate) cents: i64,
}

const fn service(code: Code, minutes: i32, cents: i64) -> Service {
    Service { code, minutes, cents }
}

const fn pcs(code: &'static str, display: &'static str) -> Code {
    Code { system: System::Icd10Pcs, code, display }
}

const fn hcpcs(code: &'static str, display: &'static str) -> Code {
    Code { system: System::Hcpcs, code, display }
}

#[rustfmt::skip]
mod table {
    use super::{Service, hcpcs, pcs, sample, service};

    pub(crate) static MEDICATION_REVIEW: Service = service(sample("medication-reconciliation", "Medication reconciliation"), 15, 4_250);
    pub(crate) static SOCIAL_NEEDS: Service = service(sample("social-needs-assessment", "Assessment of health and social care needs"), 20, 5_130);
    pub(crate) static HEARING_VISION: Service = service(sample("hearing-vision-screening", "Hearing and vision screening"), 15, 3_870);
    pub(crate) static DEVELOPMENT: Service = service(sample("developmental-screening", "Developmental screening"), 20, 4_490);
    pub(crate) static FLUORIDE: Service = service(sample("fluoride-varnish", "Application of fluoride varnish"), 5, 2_150);
    pub(crate) static DEPRESSION_SCREEN: Service = service(hcpcs("G0444", "Annual depression screening, 15 minutes"), 15, 1_980);
    pub(crate) static COLONOSCOPY: Service = service(pcs("0DJD8ZZ", "Inspection of Lower Intestinal Tract, Via Natural or Artificial Opening Endoscopic"), 45, 124_300);
    pub(crate) static MAMMOGRAPHY: Service = service(pcs("BH02ZZZ", "Plain Radiography of Bilateral Breasts"), 20, 21_450);
    pub(crate) static CERVICAL_SCREEN: Service = service(hcpcs("Q0091", "Screening papanicolaou smear; obtaining, preparing and conveyance of cervical or vaginal smear to laboratory"), 15, 6_240);
    pub(crate) static BONE_DENSITOMETRY: Service = service(sample("bone-densitometry", "Bone densitometry of the hip"), 20, 13_880);
    pub(crate) static SPIROMETRY: Service = service(sample("spirometry", "Spirometry"), 25, 8_960);
    pub(crate) static FOOT_EXAM: Service = service(sample("diabetic-foot-examination", "Diabetic foot examination"), 15, 4_010);
    pub(crate) static EYE_EXAM: Service = service(sample("diabetic-eye-examination", "Diabetic retinal examination"), 25, 9_270);
    pub(crate) static ELECTROCARDIOGRAM: Service = service(pcs("4A02X4Z", "Measurement of Cardiac Electrical Activity, External Approach"), 10, 7_720);
    pub(crate) static CHEST_XRAY: Service = service(pcs("BW03ZZZ", "Plain Radiography of Chest"), 15, 11_360);
    pub(crate) static CAST: Service = service(pcs("2W3CX2Z", "Immobilization of Right Lower Arm using Cast"), 30, 38_400);
    pub(crate) static HAND_REPAIR: Service = service(pcs("0HQGXZZ", "Repair Left Hand Skin, External Approach"), 25, 29_150);
    pub(crate) static STENT: Service = service(pcs("027034Z", "Dilation of Coronary Artery, One Artery with Drug-eluting Intraluminal Device, Percutaneous Approach"), 95, 2_485_000);
    pub(crate) static APPENDECTOMY: Service = service(pcs("0DTJ4ZZ", "Resection of Appendix, Percutaneous Endoscopic Approach"), 60, 1_312_500);
    pub(crate) static CHOLECYSTECTOMY: Service = service(pcs("0FT44ZZ", "Resection of Gallbladder, Percutaneous Endoscopic Approach"), 75, 1_427_000);
    pub(crate) static KNEE_REPLACEMENT: Service = service(pcs("0SRC0J9", "Replacement of Right Knee Joint with Synthetic Substitute, Cemented, Open Approach"), 110, 3_196_000);
    pub(crate) static CATARACT_SURGERY: Service = service(pcs("08RJ3JZ", "Replacement of Right Lens with Synthetic Substitute, Percutaneous Approach"), 35, 412_000);
    pub(crate) static TRANSFUSION: Service = service(pcs("30233N1", "Transfusion of Nonautologous Red Blood Cells into Peripheral Vein, Percutaneous Approach"), 120, 91_200);
    pub(crate) static DELIVERY: Service = service(pcs("10E0XZZ", "Delivery of Products of Conception, External Approach"), 180, 632_000);
    pub(crate) static CESAREAN: Service = service(pcs("10D00Z1", "Extraction of Products of Conception, Low, Open Approach"), 60, 1_098_000);
    pub(crate) static ULTRASOUND: Service = service(sample("obstetric-ultrasound", "Obstetric ultrasonography"), 30, 25_300);
}

pub(crate) use table::*;

/// Kinds of encounter, with what the visit itself costs.
pub(crate) mod visits {
    use super::{Code, Service, sample, service};

    const fn visit(name: &'static str, display: &'static str, cents: i64) -> Service {
        service(sample(name, display), 0, cents)
    }

    #[rustfmt::skip]
    mod table {
        use super::{Service, visit};

        pub(crate) static NEWBORN: Service = visit("newborn-visit", "Newborn examination", 13_650);
        pub(crate) static WELL_CHILD: Service = visit("well-child-visit", "Well-child visit", 12_920);
        pub(crate) static WELLNESS: Service = visit("wellness-visit", "General wellness examination", 13_655);
        pub(crate) static PROBLEM: Service = visit("problem-visit", "Encounter for a problem", 8_555);
        pub(crate) static FOLLOW_UP: Service = visit("follow-up-visit", "Follow-up of chronic conditions", 9_240);
        pub(crate) static URGENT: Service = visit("urgent-care-visit", "Urgent care visit", 14_280);
        pub(crate) static EMERGENCY: Service = visit("emergency-visit", "Emergency department visit", 86_440);
        pub(crate) static ADMISSION: Service = visit("hospital-admission", "Hospital admission", 412_500);
        pub(crate) static PRENATAL: Service = visit("prenatal-visit", "Prenatal visit", 11_340);
        pub(crate) static BIRTH: Service = visit("delivery-admission", "Admission for delivery", 318_000);
        pub(crate) static DEATH: Service = visit("death-certification", "Death certification", 10_150);
    }

    pub(crate) use table::*;

    /// The line of a pharmacy claim that pays for dispensing.
    pub(crate) static DISPENSING: Code = sample("dispensing", "Dispensing of medication");
}
