//! What is prescribed: RxNorm codes with how often it is taken and what it costs.

use super::{Code, rxnorm};

/// A drug as it is prescribed here.
pub(crate) struct Drug {
    pub(crate) code: Code,
    pub(crate) cents: i64,
    /// Times a day; 0 is «as needed».
    pub(crate) daily: i32,
}

const fn drug(number: &'static str, display: &'static str, cents: i64, daily: i32) -> Drug {
    Drug { code: rxnorm(number, display), cents, daily }
}

#[rustfmt::skip]
mod table {
    use super::{Drug, drug};

    pub(crate) static LISINOPRIL: Drug = drug("314076", "lisinopril 10 MG Oral Tablet", 1_240, 1);
    pub(crate) static AMLODIPINE: Drug = drug("197361", "amlodipine 5 MG Oral Tablet", 980, 1);
    pub(crate) static HYDROCHLOROTHIAZIDE: Drug = drug("310798", "hydrochlorothiazide 25 MG Oral Tablet", 860, 1);
    pub(crate) static METFORMIN: Drug = drug("860975", "24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet", 1_570, 2);
    pub(crate) static INSULIN: Drug = drug("106892", "insulin isophane, human 70 UNT/ML / insulin, regular, human 30 UNT/ML Injectable Suspension [Humulin]", 14_750, 2);
    pub(crate) static SIMVASTATIN: Drug = drug("312961", "simvastatin 20 MG Oral Tablet", 1_120, 1);
    pub(crate) static ATORVASTATIN: Drug = drug("259255", "atorvastatin 80 MG Oral Tablet", 2_480, 1);
    pub(crate) static ALBUTEROL: Drug = drug("745679", "200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler", 5_390, 0);
    pub(crate) static FLUTICASONE: Drug = drug("895994", "120 ACTUAT fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler", 18_640, 2);
    pub(crate) static FLUTICASONE_SALMETEROL: Drug = drug("896209", "60 ACTUAT fluticasone propionate 0.25 MG/ACTUAT / salmeterol 0.05 MG/ACTUAT Dry Powder Inhaler", 26_300, 2);
    pub(crate) static NAPROXEN: Drug = drug("849574", "naproxen sodium 220 MG Oral Tablet", 1_010, 0);
    pub(crate) static SERTRALINE: Drug = drug("312941", "sertraline 50 MG Oral Tablet", 1_390, 1);
    pub(crate) static FLUOXETINE: Drug = drug("310385", "fluoxetine 20 MG Oral Capsule", 1_280, 1);
    pub(crate) static LEVOTHYROXINE: Drug = drug("966222", "levothyroxine sodium 0.075 MG Oral Tablet", 1_150, 1);
    pub(crate) static ASPIRIN: Drug = drug("243670", "aspirin 81 MG Oral Tablet", 420, 1);
    pub(crate) static CLOPIDOGREL: Drug = drug("309362", "clopidogrel 75 MG Oral Tablet", 1_930, 1);
    pub(crate) static METOPROLOL: Drug = drug("866412", "24 HR metoprolol succinate 100 MG Extended Release Oral Tablet", 2_140, 1);
    pub(crate) static FUROSEMIDE: Drug = drug("313988", "furosemide 40 MG Oral Tablet", 770, 1);
    pub(crate) static WARFARIN: Drug = drug("855332", "warfarin sodium 5 MG Oral Tablet", 960, 1);
    pub(crate) static DONEPEZIL: Drug = drug("997223", "donepezil hydrochloride 10 MG Oral Tablet", 3_120, 1);
    pub(crate) static ALLOPURINOL: Drug = drug("197319", "allopurinol 100 MG Oral Tablet", 890, 1);
    pub(crate) static OMEPRAZOLE: Drug = drug("198051", "omeprazole 20 MG Delayed Release Oral Capsule", 1_330, 1);
    pub(crate) static LORATADINE: Drug = drug("311372", "loratadine 10 MG Oral Tablet", 740, 1);
    pub(crate) static AMOXICILLIN: Drug = drug("308182", "amoxicillin 250 MG Oral Capsule", 990, 3);
    pub(crate) static AMOXICILLIN_CLAVULANATE: Drug = drug("562251", "amoxicillin 250 MG / clavulanate 125 MG Oral Tablet", 2_260, 2);
    pub(crate) static PENICILLIN_V: Drug = drug("834061", "penicillin V potassium 250 MG Oral Tablet", 1_080, 4);
    pub(crate) static AZITHROMYCIN: Drug = drug("308460", "azithromycin 250 MG Oral Tablet", 1_840, 1);
    pub(crate) static SULFAMETHOXAZOLE: Drug = drug("198335", "sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet", 1_170, 2);
    pub(crate) static ACETAMINOPHEN: Drug = drug("313782", "acetaminophen 325 MG Oral Tablet", 510, 0);
    pub(crate) static IBUPROFEN: Drug = drug("310965", "ibuprofen 200 MG Oral Tablet", 560, 0);
    pub(crate) static PREDNISONE: Drug = drug("312615", "prednisone 20 MG Oral Tablet", 830, 1);
    pub(crate) static FERROUS_SULFATE: Drug = drug("310325", "ferrous sulfate 325 MG Oral Tablet", 640, 1);
    pub(crate) static FOLIC_ACID: Drug = drug("310410", "folic acid 1 MG Oral Tablet", 590, 1);
    pub(crate) static NITROGLYCERIN: Drug = drug("705129", "nitroglycerin 0.4 MG/ACTUAT Mucosal Spray", 15_480, 0);
}

pub(crate) use table::*;

/// The drugs a hospital gives itself, which exist as Medication resources.
pub(crate) static STOCK: [&Drug; 6] =
    [&ASPIRIN, &CLOPIDOGREL, &FUROSEMIDE, &PREDNISONE, &ACETAMINOPHEN, &AMOXICILLIN_CLAVULANATE];
